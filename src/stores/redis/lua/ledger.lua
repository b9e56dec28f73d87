-- The records that a script works on: read once, changed in memory, and written by `flush` with every index they stand in.
-- gives: texts, records, changed, hasOthers, CHANGED, WAS_STATE, WAS_DEADLINE, INDEX, MEMBER, SCORE, putJobs, dropHeld
-- gives: putHeld, flush, load, scoreOf, endedKeys, placeIn, deadlineOf, touch, recordOf, rewrite, forget
texts, records = {}, {}
-- Whose new text is among the writes, with its place in the indexes.
local written = {}
-- What is noted behind a record's words: whether it has changed, and where it stood before.
CHANGED, WAS_STATE, WAS_DEADLINE, INDEX, MEMBER, SCORE = 12, 13, 14, 15, 16, 17
changed = {}
-- Jobs that this script has made or begun; they are written without being records.
hasOthers = false

putJobs, dropHeld, putHeld = listOf('HSET', key.jobs), listOf('ZREM', key.held), listOf('ZADD', key.held)

function load(ids)
  local missing, count = {}, 0
  for i = 1, #ids do
    local id = ids[i]
    if texts[id] == nil then
      texts[id] = false
      count = count + 1
      missing[count] = id
    end
  end
  local found = ask('HMGET', key.jobs, missing)
  for i = 1, count do texts[missing[i]] = found[i] end
end

local negatives = {}

-- The higher priority has the lower score.
function scoreOf(priority)
  local score = negatives[priority]
  if not score then
    score = form('%d', -tonumber(priority))
    negatives[priority] = score
  end
  return score
end

endedKeys = { [SUCCEEDED] = key.ended .. SUCCEEDED, [FAILED] = key.ended .. FAILED, [CANCELED] = key.ended .. CANCELED }

-- The one index that has the jobs of this state. The words of a held one stand so that all of a holder, and of each of its
-- claims, stand together.
function placeIn(id, record)
  local state = record[STATE]
  if state == RUNNING or state == STOPPING then return key.held, record[HOLD] .. ' ' .. id .. ' ' .. record[FENCE], '0' end
  local ended = endedKeys[state]
  if ended then return ended, id, record[ENDED] end
  local priority, _, due = detailsOf(record)
  if state == QUEUED then return key.lane .. record[LANE], id, scoreOf(priority) end
  return key.due, id, due
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
  record[INDEX], record[MEMBER], record[SCORE] = placeIn(id, record)
  changed[#changed + 1] = id
end

local function keepPlace(id, record)
  local index, member, score = placeIn(id, record)
  if index ~= record[INDEX] or member ~= record[MEMBER] then
    if record[INDEX] == key.held then add(dropHeld, record[MEMBER]) elseif record[INDEX] then write('ZREM', record[INDEX], record[MEMBER]) end
    write('ZADD', index, score, member)
  elseif score ~= record[SCORE] then
    write('ZADD', index, score, member)
  end
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
  if record[INDEX] then write('ZREM', record[INDEX], record[MEMBER]) end
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
  if record.result ~= nil or record.output ~= nil then keepResult(id, record) end
  addPair(putJobs, id, format(record))
  record[CHANGED] = false
end

-- The record of a job that was loaded; nil when there is none.
function recordOf(id)
  local record = records[id]
  if record == nil then
    -- What is written must not be taken away before it is there.
    if written[id] then flush() end
    record = texts[id] and parse(texts[id])
    records[id] = record
  end
  return record or nil
end

-- A job has got a new text, and its places are among the writes.
function rewrite(id, text)
  addPair(putJobs, id, text)
  texts[id], written[id] = text, true
  hasOthers = true
end

-- What is known of a job here may be outdated.
function forget(id)
  texts[id], records[id] = nil, nil
end

function flush()
  local total = #changed
  if total == 0 and not hasOthers then return end
  for i = 1, total do
    local id = changed[i]
    local record = records[id]
    local state = not record.isGone and record[STATE] or nil
    if record[WAS_STATE] ~= state then count(record[LANE], record[WAS_STATE] or nil, state, 1) end
    if state then keepRecord(id, record) else dropRecord(id, record) end
  end
  if total > 0 then changed = {} end
  if hasOthers then written = {} end
  hasOthers = false
  keepCounts()
  sendWrites()
end
