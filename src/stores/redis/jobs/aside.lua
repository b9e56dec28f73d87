-- Records that nobody can read leave the jobs, as they are.
-- needs: FAILED from format/states only: limits
-- needs: NONE from format/words
-- needs: keepAside, keptPart from frame/aside
-- needs: call from frame/time
-- needs: flush from frame/writes
-- needs: moved from journal/moved
-- needs: recordOf from jobs/records
-- needs: forgetUnique, removeJob from jobs/removal
-- needs: load, texts from jobs/texts
-- needs: waits from jobs/waits only: limits
-- needs: setClass from definitions/owned
-- gives: setAside

local function rawOf(id)
  local raw = {
    keptPart('record', call('HGET', key.jobs, id)), keptPart('body', call('HGET', key.bodies, id)),
    keptPart('result', call('HGET', key.results, id)), keptPart('payload', call('HGET', key.texts, id .. 'p')),
    keptPart('output', call('HGET', key.texts, id .. 'o')), keptPart('log', call('HGET', key.logs, id)),
  }
  for _, attempt in ipairs(call('LRANGE', key.attempts .. id, 0, -1)) do raw[#raw + 1] = keptPart('attempt', attempt) end
  for _, line in ipairs(call('LRANGE', key.lines .. id, 0, -1)) do raw[#raw + 1] = keptPart('line', line) end
  return table.concat(raw)
end

-- Answers whether there was one. Of a record whose words make none nobody knows where it stands: what is left of it in lanes and
-- counts goes as whatever has no record does.
function setAside(id, reason)
  flush()
  load({ id })
  if not texts[id] then return false end
  keepAside(id, reason, rawOf(id))
  local record = recordOf(id)
  if record then
    removeJob(id, record)
    if record.owner ~= NONE then setClass(record.owner, id, nil) end
  else
    call('HDEL', key.jobs, id)
    call('HDEL', key.bodies, id)
    call('HDEL', key.results, id)
    call('HDEL', key.logs, id)
    call('HDEL', key.texts, id .. 'p', id .. 'o')
    for _, index in ipairs({ key.ids, key.due, key.deadlines, key.expiries }) do call('ZREM', index, id) end
    call('UNLINK', key.attempts .. id, key.lines .. id)
    forgetUnique(id)
    -- only: limits
    waits.forget(id)
    waits.ended(id, FAILED)
    -- always
    texts[id] = false
  end
  moved('delete', id)
  flush()
  return true
end
