-- What only looks: each call answers, and nothing is written.

function verbs.get()
  return show({ take() }, true)
end

-- Earlier attempts, newest last.
function verbs.attempts()
  local id, limit = take(), takeNumber()
  return call('LRANGE', key.attempts .. id, -limit, -1)
end

function verbs.count()
  return call('HGETALL', key.counts)
end

function verbs.nodes()
  return { nowText, call('HGETALL', key.nodes), call('HGETALL', key.gone) }
end

function verbs.events()
  local from, limit = take(), take()
  local events = {}
  for i, event in ipairs(call('XRANGE', key.events, from, '+', 'COUNT', limit)) do
    events[i] = { event[1], event[2][2], event[2][4] }
  end
  return events
end

-- More priorities than this in one lane are not looked at, and so many jobs of each.
local mostPriorities, firstOfEach = 32, 4

-- When the oldest of a lane's ready jobs was due: the first jobs of each priority are asked.
local function oldestIn(lane)
  local oldest = math.huge
  local score = '-inf'
  for _ = 1, mostPriorities do
    local found = call('ZRANGEBYSCORE', key.lane .. lane, score, '+inf', 'WITHSCORES', 'LIMIT', 0, firstOfEach)
    if #found == 0 then return oldest end
    local ids = {}
    for i = 1, #found, 2 do
      if found[i + 1] == found[2] then ids[#ids + 1] = found[i] end
    end
    for _, text in ipairs(ask('HMGET', key.jobs, ids)) do
      if text then oldest = math.min(oldest, tonumber(string.match(text, '(%d+) %d+ %d+$'))) end
    end
    score = '(' .. found[2]
  end
  return oldest
end

-- Answers the settings, the counts, and for each line how long its oldest ready job has waited.
function verbs.queues()
  local counts, waits = call('HGETALL', key.counts), {}
  for i = 1, #counts, 2 do
    local oldest = math.huge
    if not string.find(counts[i + 1], '^%d+ 0 ') then oldest = math.min(oldestIn(counts[i] .. '/0'), oldestIn(counts[i] .. '/1')) end
    waits[#waits + 1] = oldest == math.huge and none or string.format('%.0f', math.max(0, now - oldest))
  end
  return { call('HGETALL', key.queues), counts, waits }
end

-- So many bytes at once, so that no call holds Redis long; and in pieces of so many jobs.
local pageBytes, pagePiece = 1048576, 50

-- The jobs without their long texts until there are enough bytes. Answers where to go on.
local function showPage(shown, ids, to)
  local bytes = 0
  for from = 1, to, pagePiece do
    if bytes > pageBytes then return ids[from] end
    local piece, before = {}, #shown
    for i = from, math.min(from + pagePiece - 1, to) do piece[#piece + 1] = ids[i] end
    showJobs(shown, piece, false)
    for i = before + 1, #shown do bytes = bytes + #shown[i] end
  end
  return ids[to + 1]
end

-- Jobs in the order of their ids. Answers the first id that was not looked at, '' when there is none, and the jobs.
function verbs.page()
  local order, from, number = take(), take(), takeNumber()
  local ids
  if order == 'oldest' then ids = call('ZRANGEBYLEX', key.ids, from, '+', 'LIMIT', 0, number + 1)
  else ids = call('ZREVRANGEBYLEX', key.ids, from, '-', 'LIMIT', 0, number + 1) end
  local shown = { '' }
  shown[1] = showPage(shown, ids, math.min(number, #ids)) or ''
  return shown
end

-- The same of these ids, in their order.
function verbs.these()
  local ids = takeList()
  local shown = { '' }
  shown[1] = showPage(shown, ids, #ids) or ''
  return shown
end

function verbs.texts()
  return ask('HMGET', key.texts, takeList())
end

-- How many jobs are in each of the states, by line.
local function countIn(states)
  local total = 0
  for _, text in ipairs(call('HVALS', key.counts)) do
    local at = 0
    for number in string.gmatch(text, '%d+') do
      if string.find(states, tostring(at), 1, true) then total = total + tonumber(number) end
      at = at + 1
    end
  end
  return total
end

-- Entries of one or more ids.
local function addIds(ids, entries)
  for _, entry in ipairs(entries) do
    for id in string.gmatch(entry, '%d+') do ids[#ids + 1] = id end
  end
end

-- A holder is a node, or has a deadline.
local function collectHeld(ids)
  for _, incarnation in ipairs(call('HKEYS', key.nodes)) do addIds(ids, call('HVALS', key.claims .. incarnation)) end
  addIds(ids, call('ZRANGE', key.deadlines, 0, -1))
end

local function collectQueued(ids)
  for _, line in ipairs(call('HKEYS', key.counts)) do
    for _, lane in ipairs({ line .. '/0', line .. '/1' }) do
      addIds(ids, call('ZRANGE', key.lane .. lane, 0, -1))
    end
  end
end

-- The ids of all jobs in these states, and perhaps of others, in no order; false when there are more than the limit.
function verbs.collect()
  local states, limit = take(), takeNumber()
  if countIn(states) > limit then return false end
  local ids = {}
  for state in string.gmatch(states, '%d') do
    if state == QUEUED then collectQueued(ids)
    elseif state == RUNNING or state == STOPPING then collectHeld(ids)
    else addIds(ids, call('ZRANGE', state == SCHEDULED and key.due or key.ended .. state, 0, -1)) end
  end
  return ids
end

return answerCalls()
