-- Due jobs become ready, due longest first; and what should have begun by now is canceled.
-- needs: SCHEDULED_PARTS, BEHIND_STATE from format/record
-- needs: SCHEDULED, QUEUED from format/states
-- needs: call, now, nowText from frame/time
-- needs: write, flush, flushWaiting from frame/writes
-- needs: moved from journal/moved
-- needs: NEXT_EXPIRY from jobs/expiries
-- needs: expire from jobs/expiries only: expiries
-- needs: count from jobs/line-counts
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

-- Answers how many, and whether jobs are left that should have begun by now: none of them may begin.
function promote(limit)
  flushWaiting()
  local expired, isBehind = 0, false
  -- only: expiries
  local next = call('ZSCORE', key.due, NEXT_EXPIRY)
  if next and tonumber(next) <= now then
    expired = expire(limit)
    isBehind = expired >= tonumber(limit)
  end
  -- always
  local ids = call('ZRANGEBYSCORE', key.due, '-inf', nowText, 'LIMIT', 0, limit)
  -- A script that cancels none leaves them.
  for i = #ids, 1, -1 do
    if ids[i] == NEXT_EXPIRY then
      table.remove(ids, i)
      isBehind = true
    end
  end
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
  if #ids > 0 then flush() end
  return expired + #ids, isBehind
end
