-- sweep: what is old enough goes, a bounded piece in one step.

-- Entries are read in pieces of so many; each has up to 500 jobs.
local entriesAtOnce = 20

-- Appends jobs that ended in this state before the time, longest ago first, until they are more than the limit.
local function addEnded(ended, state, before, limit)
  local from, found, seen = 0, 0, {}
  repeat
    local range = { '-inf', '(' .. before, 'WITHSCORES', 'LIMIT', from, entriesAtOnce }
    local entries = call('ZRANGEBYSCORE', key.ended .. state, unpack(range))
    for i = 1, #entries, 2 do
      local entry = { text = entries[i], state = state, time = entries[i + 1], left = 0 }
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

local function removeEnded(job)
  local record = recordOf(job.id)
  touch(job.id, record)
  record.isGone = true
  moved('delete', job.id)
end

-- Each answers how many it has removed and whether there are more. Of an entry whose jobs do not all go, the others stay.
local function sweepJobs(before, limit)
  flush()
  local ended = endedBefore(before, limit)
  local cut = {}
  for i, job in ipairs(ended) do
    local entry = job.entry
    if i <= limit then
      write('ZREM', key.ended .. entry.state, entry.text)
      cut[entry] = true
      removeEnded(job)
    elseif cut[entry] then
      addEnding(entry.state, entry.time, job.id)
    end
  end
  flush()
  return math.min(#ended, limit), #ended > limit
end

-- The number of an event and whether it is older, of the first one from this number on. One of the far future is, too: it
-- comes from a clock that has stepped back since, and would keep those behind it for as long.
local function eventFrom(seq, age)
  local found = call('XRANGE', key.events, string.format('0-%.0f', seq), '+', 'COUNT', 1)[1]
  if not found then return nil, false end
  return tonumber(string.match(found[1], '%d+$')), math.abs(now - tonumber(found[2][2])) > age
end

-- Numbers have no gaps, and times rise with them: so the first young event is found by halving.
local function sweepEvents(age, limit)
  local first, isOld = eventFrom(0, age)
  if not first or not isOld then return 0, false end
  local old, young = first, first + limit + 1
  while young - old > 1 do
    local middle = math.floor((old + young) / 2)
    local found, isOlder = eventFrom(middle, age)
    if found and isOlder then old = middle else young = middle end
  end
  local last = math.min(old, first + limit - 1)
  local removed = call('XTRIM', key.events, 'MINID', string.format('0-%.0f', last + 1))
  return removed, old > last
end

local function isAlive(id)
  local record = recordOf(id)
  return record and record[STATE] < SUCCEEDED
end

-- Looks at `limit` keys; those whose job has not ended count as new from now on, so that they are not looked at each time.
local function sweepKeys(before, limit)
  local scopes = call('ZRANGEBYSCORE', key.keyTimes, '-inf', '(' .. before, 'LIMIT', 0, limit + 1)
  local more = #scopes > limit
  if more then scopes[#scopes] = nil end
  local ids = {}
  for i, known in ipairs(ask('HMGET', key.keys, scopes)) do ids[i] = string.match(known or '0', '^%d+') end
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

-- Answers how many jobs, events and keys are gone, and 1 when there is more to look at.
function verbs.sweep()
  local ended, events, keys, limit = take(), takeNumber(), takeNumber(), takeNumber()
  local jobsGone, moreJobs = 0, false
  if ended ~= none then jobsGone, moreJobs = sweepJobs(millisText(now - tonumber(ended)), limit) end
  local eventsGone, moreEvents = sweepEvents(events, limit)
  local keysGone, moreKeys = sweepKeys(string.format('%.0f', now - keys), limit)
  return { jobsGone, eventsGone, keysGone, (moreJobs or moreEvents or moreKeys) and 1 or 0 }
end
