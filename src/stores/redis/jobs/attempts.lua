-- jobs.attempts: earlier attempts, newest first.
-- needs: cutAttempt from format/cut
-- needs: FENCE_PART from format/attempt
-- needs: isBefore from format/fence-order
-- needs: NONE from format/words
-- needs: take, takeNumber, verbs from frame/tape
-- needs: call from frame/time

-- At most so many are read at once, if they are small.
local mostAtOnce = 16

-- How many of the list are before a fence. Each may have a megabyte, so few are looked at: their fences rise.
local function countBefore(name, length, fence)
  local from, to = 0, length
  while from < to do
    local middle = math.floor((from + to) / 2)
    if isBefore(string.match(call('LINDEX', name, middle), FENCE_PART) or '0', fence) then from = middle + 1 else to = middle end
  end
  return from
end

-- Those before a fence until there are `limit`, or `most` bytes of them. Answers 1 if there are more, and the attempts.
verbs['jobs.attempts'] = function(id)
  local before, limit, keep, most = take(), takeNumber(), takeNumber(), takeNumber()
  local shown, bytes, read, name = { 0 }, 0, 0, key.attempts .. id
  local left = call('LLEN', name)
  if before ~= NONE then left = countBefore(name, left, before) end
  local atOnce = 1
  while left > 0 do
    local piece = call('LRANGE', name, math.max(0, left - atOnce), left - 1)
    for i = #piece, 1, -1 do
      local text = cutAttempt(piece[i], keep)
      bytes, read = bytes + #text, read + #piece[i]
      if #shown > limit or (#shown > 1 and bytes > most) then
        shown[1] = 1
        return shown
      end
      shown[#shown + 1] = text
    end
    left = left - #piece
    -- As many as are likely to fill the page.
    local likely = math.floor((most - bytes) * (#shown - 1) / read)
    atOnce = math.max(1, math.min(mostAtOnce, likely, limit + 2 - #shown))
  end
  return shown
end
