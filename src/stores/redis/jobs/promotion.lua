-- Due jobs become ready, due longest first.
-- needs: SCHEDULED_PARTS, BEHIND_STATE from format/record
-- needs: SCHEDULED, QUEUED from format/states
-- needs: call, now, nowText from frame/time
-- needs: write, flush, flushWaiting from frame/writes
-- needs: moved from journal/moved
-- needs: count from jobs/lines
-- needs: load, rewrite, texts from jobs/texts
-- gives: promote, nextDue

-- Milliseconds until the next scheduled job is due; nil: there is none.
function nextDue()
  flushWaiting()
  local due = call('ZRANGE', key.due, 0, 0, 'WITHSCORES')[2]
  local wait = due and tonumber(due) - now
  -- Of a score that is no time nobody waits for the end.
  return wait and wait < math.huge and wait or nil
end

-- Answers how many.
function promote(limit)
  flushWaiting()
  local ids = call('ZRANGEBYSCORE', key.due, '-inf', nowText, 'LIMIT', 0, limit)
  if #ids == 0 then return 0 end
  load(ids)
  for _, id in ipairs(ids) do
    local lane, priority = string.match(texts[id] or '', SCHEDULED_PARTS)
    -- An entry without its record must not be in the way for ever.
    write('ZREM', key.due, id)
    if lane then
      write('ZADD', key.lane .. lane, string.format('%d', -tonumber(priority)), id)
      rewrite(id, QUEUED .. string.sub(texts[id], BEHIND_STATE))
      count(lane, SCHEDULED, QUEUED, 1)
      moved('promote', id)
    end
  end
  flush()
  return #ids
end
