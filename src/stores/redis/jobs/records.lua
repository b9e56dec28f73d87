-- The records that a script works on, taken apart; what becomes of them is written with every index they stand in.
-- needs: parseRecord, formatRecord from format/record
-- needs: isHeld, waitingFor, deadlineOf, indexOf, scoreOf from format/record-facts
-- needs: NONE from format/words
-- needs: write, flush, waitingChanged, collectors from frame/writes
-- needs: leaveHold from jobs/leave-hold
-- needs: addEnding from jobs/ended-index
-- needs: count from jobs/line-counts
-- needs: texts, rewritten, outdated from jobs/texts
-- needs: waits from jobs/waits only: limits
-- needs: held from limits/held only: limits
-- gives: recordOf, findHeld, touch, noteNew
local records, changed = {}, {}

-- The record of a job that was loaded; nil when there is none.
function recordOf(id)
  -- Its text was rewritten, but not written yet.
  if rewritten[id] then flush() end
  local record = records[id]
  if record == nil then
    record = texts[id] and parseRecord(texts[id]) or nil
    records[id] = record
  end
  return record or nil
end

-- The record of an attempt, if the fence proves it.
function findHeld(id, fence)
  local record = recordOf(id)
  return record and record.fence == fence and isHeld(record) and record or nil
end

local function note(id, change)
  changed[#changed + 1] = id
  outdated[id] = true
  waitingChanged()
  return change
end

-- Before the first change of a record in this script; answers what is noted of it: what it was, and what becomes of its
-- result, where a text is new, false takes it away, nil leaves it. `removes`: the record goes (removal.lua).
function touch(id, record)
  if record.change then return record.change end
  local index = indexOf(record)
  record.change = {
    state = record.state, deadline = deadlineOf(record), hold = isHeld(record) and record.hold, ended = record.ended,
    waits = waitingFor(record), index = index, score = index and scoreOf(record), result = nil, output = nil, removes = nil,
  }
  return note(id, record.change)
end

-- A record that is kept for the first time, with its result and output.
function noteNew(id, record, result, output)
  record.change = { deadline = NONE, ended = NONE, result = result, output = output }
  records[id] = record
  note(id, record.change)
end

local function keepField(name, field, text)
  if text then write('HSET', name, field, text) elseif text == false then write('HDEL', name, field) end
end

local function keepRecord(id, record, was)
  local index, deadline = indexOf(record), deadlineOf(record)
  local score = index and scoreOf(record)
  if was.index and index ~= was.index then write('ZREM', was.index, id) end
  if index and (index ~= was.index or score ~= was.score) then write('ZADD', index, score, id) end
  if was.hold and not isHeld(record) then leaveHold(was.hold) end
  if record.ended ~= NONE and record.ended ~= was.ended then addEnding(record.state, record.ended, id) end
  if deadline ~= was.deadline then
    if deadline == NONE then write('ZREM', key.deadlines, id) else write('ZADD', key.deadlines, deadline, id) end
  end
  keepField(key.results, id, was.result)
  keepField(key.texts, id .. 'o', was.output)
  texts[id] = formatRecord(record)
  write('HSET', key.jobs, id, texts[id])
end

collectors[#collectors + 1] = function()
  for i, id in ipairs(changed) do
    local record = records[id]
    local change = record.change
    local state = not change.removes and record.state or nil
    record.change, changed[i], outdated[id] = false, nil, nil
    -- only: limits
    if change.hold and not (state and isHeld(record)) then held.freed(id, record.lane) end
    if change.waits and not (state and waitingFor(record)) then waits.forget(id) end
    -- always
    if change.state ~= state then count(record.lane, change.state, state, 1) end
    if state then
      keepRecord(id, record, change)
    else
      if change.hold then leaveHold(change.hold) end
      change.removes(id, change)
      texts[id], records[id] = false, false
    end
  end
  for id in pairs(rewritten) do records[id], rewritten[id] = nil, nil end
end
