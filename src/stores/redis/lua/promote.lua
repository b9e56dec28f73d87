-- promote: due jobs become ready, due longest first. The text of a record is rewritten without being taken apart.
-- gives: promote, nextDue
local duePattern = '^' .. SCHEDULED .. ' %d %d+ %- %- %- %- %- %- %d+ (%S+) (%S+) '

-- Milliseconds until the next scheduled job is due; nil: there is none.
function nextDue()
  flushWaiting()
  local due = call('ZRANGE', key.due, 0, 0, 'WITHSCORES')[2]
  return due and tonumber(due) - now
end

-- Answers how many.
function promote(limit)
  flushWaiting()
  local ids = call('ZRANGEBYSCORE', key.due, '-inf', nowText, 'LIMIT', 0, limit)
  if #ids == 0 then return 0 end
  load(ids)
  for _, id in ipairs(ids) do
    local lane, priority = string.match(texts[id] or '', duePattern)
    -- An entry without its record must not be in the way for ever.
    write('ZREM', key.due, id)
    if lane then
      write('ZADD', key.lane .. lane, string.format('%d', -tonumber(priority)), id)
      rewrite(id, QUEUED .. string.sub(texts[id], 2))
      count(lane, SCHEDULED, QUEUED, 1)
      moved('promote', id)
    end
  end
  flush()
  return #ids
end

function verbs.promote()
  return promote(take())
end
