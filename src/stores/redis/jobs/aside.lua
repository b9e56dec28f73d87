-- Records that nobody can read leave the jobs, as they are.
-- needs: NONE from format/words
-- needs: call, nowText from frame/time
-- needs: flush from frame/writes
-- needs: moved from journal/moved
-- needs: recordOf from jobs/records
-- needs: removeJob from jobs/removal
-- needs: load, texts from jobs/texts
-- needs: setClass from definitions/owned
-- gives: setAside

-- Each part with its length, since it may have any bytes.
local function rawOf(id)
  local parts, raw = { record = call('HGET', key.jobs, id), body = call('HGET', key.bodies, id), result = call('HGET', key.results, id),
    payload = call('HGET', key.texts, id .. 'p'), output = call('HGET', key.texts, id .. 'o'), log = call('HGET', key.logs, id) }, {}
  for _, name in ipairs({ 'record', 'body', 'result', 'payload', 'output', 'log' }) do
    if parts[name] then raw[#raw + 1] = name .. ' ' .. #parts[name] .. '\n' .. parts[name] .. '\n' end
  end
  for _, attempt in ipairs(call('LRANGE', key.attempts .. id, 0, -1)) do
    raw[#raw + 1] = 'attempt ' .. #attempt .. '\n' .. attempt .. '\n'
  end
  for _, line in ipairs(call('LRANGE', key.lines .. id, 0, -1)) do
    raw[#raw + 1] = 'line ' .. #line .. '\n' .. line .. '\n'
  end
  return table.concat(raw)
end

-- Answers whether there was one. Of a record whose words make none nobody knows where it stands: what is left of it in lanes and
-- counts goes as whatever has no record does.
function setAside(id, reason)
  flush()
  load({ id })
  if not texts[id] then return false end
  call('HSET', key.unreadable, id, nowText .. ' ' .. reason .. '\n' .. rawOf(id))
  call('ZADD', key.unreadableIds, 0, id)
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
    for _, index in ipairs({ key.ids, key.due, key.deadlines }) do call('ZREM', index, id) end
    call('UNLINK', key.attempts .. id, key.lines .. id)
    texts[id] = false
  end
  moved('delete', id)
  flush()
  return true
end
