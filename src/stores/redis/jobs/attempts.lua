-- jobs.attempts: earlier attempts, newest first.
-- needs: cutAttempt from format/cut
-- needs: FENCE_PART from format/attempt
-- needs: NONE from format/words
-- needs: take, takeNumber, verbs from frame/tape
-- needs: call from frame/time

-- Read at once: each may have a megabyte.
local pieceLength = 10

-- Fences are compared as numbers of up to 19 digits, which are too large for Lua's.
local function isBefore(fence, other)
  if #fence ~= #other then return #fence < #other end
  return fence < other
end

-- Those before a fence until there are `limit`, or `most` bytes of them. Answers 1 if there are more, and the attempts.
verbs['jobs.attempts'] = function(id)
  local before, limit, keep, most = take(), takeNumber(), takeNumber(), takeNumber()
  local shown, bytes, name = { 0 }, 0, key.attempts .. id
  for last = -1, -math.huge, -pieceLength do
    local piece = call('LRANGE', name, last - pieceLength + 1, last)
    for i = #piece, 1, -1 do
      if before == NONE or isBefore(string.match(piece[i], FENCE_PART), before) then
        local text = cutAttempt(piece[i], keep)
        bytes = bytes + #text
        if #shown > limit or (#shown > 1 and bytes > most) then
          shown[1] = 1
          return shown
        end
        shown[#shown + 1] = text
      end
    end
    if #piece < pieceLength then return shown end
  end
end
