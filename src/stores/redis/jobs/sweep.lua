-- The jobs' parts of a sweep: what ended long ago, and old idempotency keys. Each answers how many it has removed and
-- whether there are more.
-- needs: classOf from format/facts
-- needs: SUCCEEDED, FAILED, CANCELED from format/states
-- needs: NONE from format/words
-- needs: call, nowText from frame/time
-- needs: ask, write, flush from frame/writes
-- needs: moved from journal/moved
-- needs: endedIn from jobs/ended-jobs
-- needs: addEnding from jobs/ended-index
-- needs: recordOf from jobs/records
-- needs: removeJob from jobs/removal
-- needs: load from jobs/texts
-- needs: forgetOwned from definitions/owned
-- gives: sweepEnded, sweepKeys

-- Entries are read in pieces; each has up to 500 jobs.
local entriesAtOnce = 20

-- Appends jobs that ended in this state before the time, longest ago first, until they are more than the limit.
local function addEnded(ended, state, before, limit)
  local from, found, seen = 0, 0, {}
  repeat
    local range = { '-inf', '(' .. before, 'WITHSCORES', 'LIMIT', from, entriesAtOnce }
    local entries = call('ZRANGEBYSCORE', key.ended .. state, unpack(range))
    for i = 1, #entries, 2 do
      local entry = { text = entries[i], state = state, time = entries[i + 1] }
      local ids = endedIn(entry.text, state, entry.time)
      if #ids == 0 then write('ZREM', key.ended .. state, entry.text) end
      for _, id in ipairs(ids) do
        -- One that was restarted and ended again within a millisecond stands in two entries.
        if not seen[id] then ended[#ended + 1] = { id = id, entry = entry } end
        seen[id] = true
      end
      found = found + #ids
    end
    from = from + entriesAtOnce
  until found > limit or #entries < 2 * entriesAtOnce
end

local function endedBefore(before, limit)
  local ended = {}
  for _, state in ipairs({ SUCCEEDED, FAILED, CANCELED }) do addEnded(ended, state, before, limit) end
  table.sort(ended, function(a, b)
    if a.entry.time ~= b.entry.time then return tonumber(a.entry.time) < tonumber(b.entry.time) end
    return a.id < b.id
  end)
  return ended
end

-- Of an entry whose jobs do not all go, the others stay.
function sweepEnded(before, limit)
  flush()
  local ended = endedBefore(before, limit)
  local cut = {}
  for i, job in ipairs(ended) do
    local entry = job.entry
    if i <= limit then
      write('ZREM', key.ended .. entry.state, entry.text)
      cut[entry] = true
      local record = recordOf(job.id)
      removeJob(job.id, record)
      moved('delete', job.id)
      -- What it did stays with its owner.
      if record.owner ~= NONE then forgetOwned(record.owner, job.id, classOf(record.state, record.lane)) end
    elseif cut[entry] then
      addEnding(entry.state, entry.time, job.id)
    end
  end
  flush()
  return math.min(#ended, limit), #ended > limit
end

local function isAlive(id)
  local record = recordOf(id)
  return record and record.state < SUCCEEDED
end

-- Looks at `limit` keys; those whose job has not ended count as new from now on, so that they are not looked at each time.
function sweepKeys(before, limit)
  local scopes = call('ZRANGEBYSCORE', key.keyTimes, '-inf', '(' .. before, 'LIMIT', 0, limit + 1)
  local more = #scopes > limit
  if more then scopes[#scopes] = nil end
  local ids = {}
  for i, known in ipairs(ask('HMGET', key.keys, scopes)) do ids[i] = string.match(known or '', '^%d+') or '0' end
  load(ids)
  local removed = 0
  for i, scope in ipairs(scopes) do
    if isAlive(ids[i]) then
      write('ZADD', key.keyTimes, nowText, scope)
    else
      write('ZREM', key.keyTimes, scope)
      write('HDEL', key.keys, scope)
      removed = removed + 1
    end
  end
  flush()
  return removed, more
end
