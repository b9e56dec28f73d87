-- The records that a script works on: read once, changed in memory, and written by `flush` with every index they stand in.
local records = {}
local changed = {}
-- Jobs of this script's pushes; they stand in no index yet.
local news = false

local function load(ids)
  local missing = {}
  for _, id in ipairs(ids) do
    if records[id] == nil then
      records[id] = false
      missing[#missing + 1] = id
    end
  end
  for i, text in ipairs(ask('HMGET', key.jobs, missing)) do
    if text then records[missing[i]] = parse(text) end
  end
end

local negatives = {}

-- The higher priority has the lower score.
local function scoreOf(priority)
  local score = negatives[priority]
  if not score then
    score = string.format('%d', -tonumber(priority))
    negatives[priority] = score
  end
  return score
end

-- Words divided by blanks: all of a holder, or of one of its claims, stand together.
local function heldMember(id, record)
  return record[HOLDER] .. ' ' .. record[OPERATION] .. ' ' .. id .. ' ' .. record[FENCE]
end

-- The one index that has the jobs of this state.
local function placeIn(id, record)
  local state = record[STATE]
  if state == QUEUED then return key.lane .. record[LANE], id, scoreOf(record[PRIORITY]) end
  if state == RUNNING or state == STOPPING then return key.held, heldMember(id, record), '0' end
  if state == SCHEDULED then return key.due, id, record[DUE] end
  return key.ended .. state, id, record[ENDED]
end

-- Before the first change of a record in this script.
local function touch(id, record)
  record.text = nil
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
    if record.index then write('ZREM', record.index, record.member) end
    write('ZADD', index, score, member)
  elseif score ~= record.score then
    write('ZADD', index, score, member)
  end
  if record[DEADLINE] ~= record.wasDeadline then
    if record[DEADLINE] == none then write('ZREM', key.deadlines, id) else write('ZADD', key.deadlines, record[DEADLINE], id) end
  end
end

-- `result` and `output` of a record: a text is new, false takes it away, nil leaves it.
local function keepResult(id, record)
  if record.result then write('HSET', key.results, id, record.result) elseif record.result == false then write('HDEL', key.results, id) end
  local text = id .. 'o'
  if record.output then write('HSET', key.texts, text, record.output) elseif record.output == false then write('HDEL', key.texts, text) end
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
  redis.call('UNLINK', key.attempts .. id)
  records[id] = false
end

local function keepRecord(id, record)
  keepPlace(id, record)
  keepResult(id, record)
  write('HSET', key.jobs, id, record.text or format(record))
  record.isChanged = false
end

local function flush()
  if #changed == 0 and not news then return end
  for _, id in ipairs(changed) do
    local record = records[id]
    if record.wasState ~= record[STATE] or record.isGone then
      count(record[LANE], record.wasState, not record.isGone and record[STATE] or nil)
    end
    if record.isGone then dropRecord(id, record) else keepRecord(id, record) end
  end
  changed, news = {}, false
  keepCounts()
  sendWrites()
end
