-- The records that a script works on, taken apart; what becomes of them is written with every index they stand in.
-- gives: recordOf, touch, keepNew, placeOf, deadlineOf
local records, changed = {}, {}
-- What is noted behind a record's words: whether it has changed, and what it was before.
local CHANGED, WAS_DEADLINE, WAS_ENDED, WAS_STATE, WAS_HOLD, INDEX, SCORE = 12, 13, 14, 15, 16, 17, 18

-- The record of a job that was loaded; nil when there is none.
function recordOf(id)
  -- What is among the writes must be there before it can be taken away again.
  if rewritten[id] then flush() end
  local record = records[id]
  if record == nil then
    record = texts[id] and parse(texts[id])
    records[id] = record
  end
  return record or nil
end

-- The index that a waiting job stands in, and its score there: the higher priority has the lower one. Held jobs are found
-- by their claims, ended ones by the time of their end.
function placeOf(record)
  local state = record[STATE]
  if state ~= QUEUED and state ~= SCHEDULED then return nil, nil end
  local priority, _, due = detailsOf(record)
  if state == QUEUED then return key.lane .. record[LANE], string.format('%d', -tonumber(priority)) end
  return key.due, due
end

function deadlineOf(record)
  return isHeld(record) and record[DEADLINE] or none
end

-- Before the first change of a record in this script.
function touch(id, record)
  if record[CHANGED] then return end
  record[CHANGED] = true
  record[WAS_STATE] = record[STATE]
  record[WAS_DEADLINE] = deadlineOf(record)
  record[WAS_HOLD] = isHeld(record) and record[HOLD]
  record[WAS_ENDED] = record[ENDED]
  record[INDEX], record[SCORE] = placeOf(record)
  changed[#changed + 1] = id
  outdated[id] = true
  waitingChanged()
end

-- A record that is kept for the first time.
function keepNew(id, record)
  record[CHANGED], record[WAS_DEADLINE], record[WAS_ENDED] = true, none, none
  records[id] = record
  changed[#changed + 1] = id
  waitingChanged()
end

local function keepPlace(id, record)
  local index, score = placeOf(record)
  if record[INDEX] and index ~= record[INDEX] then write('ZREM', record[INDEX], id) end
  if index and (index ~= record[INDEX] or score ~= record[SCORE]) then write('ZADD', index, score, id) end
  if record[WAS_HOLD] and not isHeld(record) then leaveHold(record[WAS_HOLD]) end
  if record[ENDED] ~= none and record[ENDED] ~= record[WAS_ENDED] then addEnding(record[STATE], record[ENDED], id) end
  local deadline = deadlineOf(record)
  if deadline ~= record[WAS_DEADLINE] then
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
  if record[INDEX] then write('ZREM', record[INDEX], id) end
  if record[WAS_HOLD] then leaveHold(record[WAS_HOLD]) end
  if record[WAS_DEADLINE] ~= none then write('ZREM', key.deadlines, id) end
  write('ZREM', key.ids, id)
  write('HDEL', key.jobs, id)
  write('HDEL', key.bodies, id)
  write('HDEL', key.results, id)
  write('HDEL', key.texts, id .. 'p', id .. 'o')
  call('UNLINK', key.attempts .. id)
  texts[id], records[id] = false, false
end

local function keepRecord(id, record)
  keepPlace(id, record)
  keepResult(id, record)
  texts[id] = format(record)
  addPair(putJobs, id, texts[id])
  record[CHANGED] = false
end

beforeFlush[#beforeFlush + 1] = function()
  for i, id in ipairs(changed) do
    local record = records[id]
    local state = not record.isGone and record[STATE] or nil
    if record[WAS_STATE] ~= state then count(record[LANE], record[WAS_STATE] or nil, state, 1) end
    if state then keepRecord(id, record) else dropRecord(id, record) end
    changed[i], outdated[id] = nil, nil
  end
  for id in pairs(rewritten) do records[id], rewritten[id] = nil, nil end
end
