-- sweep: what is old enough goes, a bounded piece in one step.

-- Ended jobs that ended before the time, longest ago first: `id` and time of each, one more than the limit at most.
local function endedBefore(before, limit)
  local ended = {}
  for _, state in ipairs({ SUCCEEDED, FAILED, CANCELED }) do
    local found = call('ZRANGEBYSCORE', key.ended .. state, '-inf', '(' .. before, 'WITHSCORES', 'LIMIT', 0, limit + 1)
    for i = 1, #found, 2 do ended[#ended + 1] = { id = found[i], at = tonumber(found[i + 1]) } end
  end
  table.sort(ended, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.id < b.id
  end)
  return ended
end

-- Each answers how many it has removed and whether there are more.
local function sweepJobs(before, limit)
  flush()
  local ended, ids = endedBefore(before, limit), {}
  for i = 1, min(#ended, limit) do ids[i] = ended[i].id end
  load(ids)
  for _, id in ipairs(ids) do
    local record = recordOf(id)
    if record then
      touch(id, record)
      record.isGone = true
      moved('delete', id)
    end
  end
  flush()
  return #ids, #ended > limit
end

-- The number of an event and whether it is older, of the first one from this number on.
local function eventFrom(seq, before)
  local found = call('XRANGE', key.events, form('%.0f', seq), '+', 'COUNT', 1)[1]
  if not found then return nil, false end
  return tonumber(match(found[1], '^%d+')), tonumber(found[2][2]) < before
end

-- Numbers have no gaps, and times rise with them: so the first young event is found by halving.
local function sweepEvents(before, limit)
  local first, isOld = eventFrom(0, before)
  if not first or not isOld then return 0, false end
  local old, young = first, first + limit + 1
  while young - old > 1 do
    local middle = floor((old + young) / 2)
    local found, isOlder = eventFrom(middle, before)
    if found and isOlder then old = middle else young = middle end
  end
  local last = min(old, first + limit - 1)
  local removed = call('XTRIM', key.events, 'MINID', form('%.0f', last + 1))
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
  for i, known in ipairs(ask('HMGET', key.keys, scopes)) do ids[i] = match(known or '0', '^%d+') end
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
  sendWrites()
  return removed, more
end

-- Answers how many jobs, events and keys are gone, and 1 when there is more to look at.
function verbs.sweep()
  local ended, events, keys, limit = take(), takeNumber(), takeNumber(), takeNumber()
  local jobsGone, moreJobs = 0, false
  if ended ~= none then jobsGone, moreJobs = sweepJobs(millisText(now - tonumber(ended)), limit) end
  local eventsGone, moreEvents = sweepEvents(now - events, limit)
  local keysGone, moreKeys = sweepKeys(form('%.0f', now - keys), limit)
  return { jobsGone, eventsGone, keysGone, (moreJobs or moreEvents or moreKeys) and 1 or 0 }
end
