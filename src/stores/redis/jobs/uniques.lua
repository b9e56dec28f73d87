-- Which unique job there is of each scope (core/unique.ts). What is known of one is how long it lasts and its scope, as new-job.ts
-- writes it.
-- needs: QUEUED, SUCCEEDED from format/states
-- needs: call, now, nowText from frame/time
-- needs: write, flush from frame/writes
-- needs: recordOf from jobs/records
-- needs: load from jobs/texts
-- gives: duplicateOf, keepUnique

local function isLasting(known, since, record)
  if known == 'ended' then return record.state < SUCCEEDED end
  if known == 'started' then return record.state <= QUEUED and tonumber(record.attempt) == 0 end
  return now - tonumber(since) < (tonumber(known) or 0)
end

-- The id of the job that there is already; nil: there is none, or there may be several.
function duplicateOf(unique)
  -- What this script has done to jobs counts.
  flush()
  local id, known, since = string.match(call('HGET', key.uniques, string.match(unique, ' (.*)$')) or '', '^(%d+) (%S+) (%d+)$')
  if not id then return nil end
  load({ id })
  local record = recordOf(id)
  return record and isLasting(known, since, record) and id or nil
end

-- The job is the one of its scope, of which there is no other. With a time it has come in, and was pushed then; it may be over.
function keepUnique(unique, id, pushedAt)
  local known, scope = string.match(unique, '^(%S+) (.*)$')
  if pushedAt and not isLasting(known, pushedAt, recordOf(id)) then return end
  local before = string.match(call('HGET', key.uniques, scope) or '', '^%d+')
  if before then write('HDEL', key.uniqueScopes, before) end
  write('HSET', key.uniques, scope, id .. ' ' .. known .. ' ' .. (pushedAt or nowText))
  write('HSET', key.uniqueScopes, id, scope)
end
