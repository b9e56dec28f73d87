-- The part of jobs that wait for others of a scrub: those who wait and their records say the same, and no end is left untold.
-- needs: ID_LENGTH, idsIn from format/ids
-- needs: waitingFor from format/record-facts
-- needs: SUCCEEDED, FAILED from format/states
-- needs: scanPiece, repair from frame/checks
-- needs: call from frame/time
-- needs: flush from frame/writes
-- needs: waiting from jobs/after
-- needs: recordOf, touch from jobs/records
-- needs: load from jobs/texts
-- needs: waits from jobs/waits
-- gives: checkWaits, checkWaitsOf

-- What a body says that its job waits for, as waits.lua has it; nil: nothing (format/body.ts).
local function afterIn(body)
  local jobs, onFailure = string.match(body or '', '^[^\n]*{"jobs":%[([%d",]*)%],"onFailure":"(%a+)"}')
  if not jobs then return nil end
  local ids = idsIn(jobs)
  for i, id in ipairs(ids) do ids[i] = string.rep('0', ID_LENGTH - #id) .. id end
  return onFailure .. ' ' .. table.concat(ids, ' ')
end

local function beginAnew(id, record)
  waits.forget(id)
  flush()
  local body = call('HGET', key.bodies, id)
  touch(id, record)
  waiting.beginAgain(id, record, afterIn(body), body)
  repair('waits')
end

-- Of a record that says that it waits: whether it is among those who do.
function checkWaitsOf(id, record)
  if call('HEXISTS', key.waits, id) == 0 then beginAnew(id, record) end
end

local function endOf(awaited)
  local record = recordOf(awaited)
  return not record and FAILED or record.state >= SUCCEEDED and record.state or nil
end

local function checkAwaited(id, record, awaitedIds)
  local there = 0
  load(awaitedIds)
  for _, awaited in ipairs(awaitedIds) do
    local isToBeTold = waits.isToBeTold(id, awaited)
    if isToBeTold ~= nil then
      there = there + 1
      local state = not isToBeTold and endOf(awaited)
      if state then
        waits.ended(awaited, state)
        repair('waits')
      end
    end
  end
  if there == 0 or there ~= waitingFor(record) then beginAnew(id, record) end
end

-- For so many one may wait (core/after.ts): few at once, and each pair counts.
local most = 100

-- Of those that wait no more, or are gone, nothing is left.
function checkWaits(cursor, limit)
  local ids, awaited, looked = {}, {}, 0
  local after = scanPiece('HSCAN', key.waits, cursor, math.ceil(limit / most), function(id, text)
    ids[#ids + 1], awaited[#awaited + 1] = id, idsIn(text)
    looked = looked + math.max(1, #awaited[#awaited])
  end)
  load(ids)
  for i, id in ipairs(ids) do
    local record = recordOf(id)
    if record and waitingFor(record) then
      checkAwaited(id, record, awaited[i])
    else
      waits.forget(id)
      repair('waits')
    end
  end
  return after, looked
end
