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

local function endOf(awaited)
  load({ awaited })
  local record = recordOf(awaited)
  return not record and FAILED or record.state >= SUCCEEDED and record.state or nil
end

-- Of a record that says that it waits.
function checkWaitsOf(id, record)
  local text, there = call('HGET', key.waits, id), 0
  for _, awaited in ipairs(idsIn(text or '')) do
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
  if there > 0 and there == waitingFor(record) then return end
  waits.forget(id)
  flush()
  local body = call('HGET', key.bodies, id)
  touch(id, record)
  waiting.beginAgain(id, record, afterIn(body), body)
  repair('waits')
end

-- Those of jobs that wait no more, or are gone.
function checkWaits(cursor, limit)
  local ids = {}
  local after, checked = scanPiece('HSCAN', key.waits, cursor, limit, function(id) ids[#ids + 1] = id end)
  load(ids)
  for _, id in ipairs(ids) do
    local record = recordOf(id)
    if not record or not waitingFor(record) then
      waits.forget(id)
      repair('waits')
    end
  end
  return after, checked
end
