-- jobs.lines: the log of a job.
-- needs: isBefore from format/fence-order
-- needs: LINE_PLACE from format/log
-- needs: NONE from format/words
-- needs: take, takeNumber, verbs from frame/tape
-- needs: call from frame/time

-- How many of the list are not behind a place: their places rise.
local function countUntil(name, length, fence, number)
  local from, to = 0, length
  while from < to do
    local middle = math.floor((from + to) / 2)
    local itsFence, itsNumber = string.match(call('LINDEX', name, middle), LINE_PLACE)
    local isBehind = itsFence and (isBefore(fence, itsFence) or (fence == itsFence and tonumber(itsNumber) > number))
    if isBehind then to = middle else from = middle + 1 end
  end
  return from
end

-- Answers 1 if there are more, what is known of the log beside its lines, and the lines behind the place.
verbs['jobs.lines'] = function(id)
  local fence, number, limit, name = take(), takeNumber(), takeNumber(), key.lines .. id
  local length = call('LLEN', name)
  local from = fence == NONE and 0 or countUntil(name, length, fence, number)
  local shown = { length - from > limit and 1 or 0, call('HGET', key.logs, id) or '' }
  if limit > 0 then
    for _, line in ipairs(call('LRANGE', name, from, from + limit - 1)) do shown[#shown + 1] = line end
  end
  return shown
end
