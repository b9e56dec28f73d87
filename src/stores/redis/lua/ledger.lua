-- The records that a script works on: read once, changed in memory, and written by `flush` with every index they stand in.
local records = {}
local changed = {}
-- Jobs that this script has made or begun; they are written without being records.
local hasOthers = false

local putJobs, dropHeld, putHeld = listOf('HSET', key.jobs), listOf('ZREM', key.held), listOf('ZADD', key.held)

local function load(ids)
  local missing = {}
  for i = 1, #ids do
    local id = ids[i]
    if records[id] == nil then
      records[id] = false
      missing[#missing + 1] = id
    end
  end
  local texts = ask('HMGET', key.jobs, missing)
  for i = 1, #missing do
    local text = texts[i]
    if text then records[missing[i]] = parse(text) end
  end
end

local negatives = {}

-- The higher priority has the lower score.
local function scoreOf(priority)
  local score = negatives[priority]
  if not score then
    score = form('%d', -tonumber(priority))
    negatives[priority] = score
  end
  return score
end

local endedKeys = { [SUCCEEDED] = key.ended .. SUCCEEDED, [FAILED] = key.ended .. FAILED, [CANCELED] = key.ended .. CANCELED }

-- The one index that has the jobs of this state. The words of a held one stand so that all of a holder, and of each of its
-- claims, stand together.
local function placeIn(id, record)
  local state = record[STATE]
  if state == RUNNING or state == STOPPING then return key.held, record[HOLD] .. ' ' .. id .. ' ' .. record[FENCE], '0' end
  local ended = endedKeys[state]
  if ended then return ended, id, record[ENDED] end
  local priority, _, due = detailsOf(record)
  if state == QUEUED then return key.lane .. record[LANE], id, scoreOf(priority) end
  return key.due, id, due
end

-- Before the first change of a record in this script.
local function touch(id, record)
  if record.isChanged then return end
  record.isChanged = true
  record.wasState = record[STATE]
  record.wasDeadline = record[DEADLINE]
  record.index, record.member, record.score = placeIn(id, record)
  changed[#changed + 1] = id
end

local function keepPlace(id, record)
  local index, member, score = placeIn(id, record)
  if index ~= record.index or member ~= record.member then
    if record.index == key.held then add(dropHeld, record.member) elseif record.index then write('ZREM', record.index, record.member) end
    write('ZADD', index, score, member)
  elseif score ~= record.score then
    write('ZADD', index, score, member)
  end
  local deadline = record[DEADLINE]
  if deadline ~= record.wasDeadline then
    if deadline == none then write('ZREM', key.deadlines, id) else write('ZADD', key.deadlines, deadline, id) end
  end
end

-- `result` and `output` of a record: a text is new, false takes it away, nil leaves it.
local function keepResult(id, record)
  if record.result then write('HSET', key.results, id, record.result) elseif record.result == false then write('HDEL', key.results, id) end
  if record.output then
    write('HSET', key.texts, id .. 'o', record.output)
  elseif record.output == false then
    write('HDEL', key.texts, id .. 'o')
  end
  record.result, record.output = nil, nil
end

local function dropRecord(id, record)
  if record.index then write('ZREM', record.index, record.member) end
  if record.wasDeadline ~= none then write('ZREM', key.deadlines, id) end
  write('ZREM', key.ids, id)
  write('HDEL', key.jobs, id)
  write('HDEL', key.bodies, id)
  write('HDEL', key.results, id)
  write('HDEL', key.texts, id .. 'p', id .. 'o')
  call('UNLINK', key.attempts .. id)
  records[id] = false
end

local function keepRecord(id, record)
  keepPlace(id, record)
  if record.result ~= nil or record.output ~= nil then keepResult(id, record) end
  add(putJobs, id, format(record))
  record.isChanged = false
end

local function flush()
  local total = #changed
  if total == 0 and not hasOthers then return end
  for i = 1, total do
    local id = changed[i]
    local record = records[id]
    local state = not record.isGone and record[STATE] or nil
    if record.wasState ~= state then count(record[LANE], record.wasState, state, 1) end
    if state then keepRecord(id, record) else dropRecord(id, record) end
  end
  if total > 0 then changed = {} end
  hasOthers = false
  keepCounts()
  sendWrites()
end
