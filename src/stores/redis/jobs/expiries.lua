-- Jobs that must begin before a time or never do (core/expiry.ts).
-- needs: SCHEDULED, QUEUED from format/states
-- needs: call, nowText from frame/time
-- needs: write, flush from frame/writes
-- needs: applyMove from jobs/apply
-- needs: recordOf from jobs/records
-- needs: load from jobs/texts
-- gives: NEXT_EXPIRY, neverBegan, expire, setNextExpiry

-- Stands among the jobs that are due for the first of these.
NEXT_EXPIRY = 'x'

local move = { kind = 'end', verb = 'expire', to = '6', reason = 'expired', result = 'keep' }

function neverBegan(record)
  return (record.state == SCHEDULED or record.state == QUEUED) and record.run == '1' and record.fence == '0'
end

function setNextExpiry()
  local first = call('ZRANGE', key.expiries, 0, 0, 'WITHSCORES')[2]
  if first then call('ZADD', key.due, first, NEXT_EXPIRY) else call('ZREM', key.due, NEXT_EXPIRY) end
end

-- Jobs that should have begun by now are canceled, at most so many. Answers how many were looked at.
function expire(limit)
  flush()
  local ids = call('ZRANGEBYSCORE', key.expiries, '-inf', nowText, 'LIMIT', 0, limit)
  load(ids)
  for _, id in ipairs(ids) do
    local record = recordOf(id)
    write('ZREM', key.expiries, id)
    if record and neverBegan(record) then applyMove(id, record, move) end
  end
  flush()
  setNextExpiry()
  return #ids
end
