-- settle and extend: what the holder of an attempt asks for.
-- gives: takeTarget, settle

load(targets)
local target = 0

function takeTarget()
  target = target + 1
  return targets[target], fences[target]
end

-- The record of an attempt, if the fence proves it.
local function findHeld(id, fence)
  local record = recordOf(id)
  return record and record[FENCE] == fence and isHeld(record) and record or nil
end

function settle(moves)
  local id, fence = takeTarget()
  local rest = plainlyRunning(id, fence)
  local record = not rest and findHeld(id, fence)
  local move, result, output = takeMove(moves, rest and RUNNING or record and record[STATE])
  if not move then return false end
  if not rest or not endPlainly(id, fence, rest, move, result, output) then make(id, recordOf(id), move, result, output) end
  return true
end

function verbs.settle(moves)
  return settle(moves) and 1 or 0
end

function verbs.extend()
  local id, fence = takeTarget()
  local record, ttl = findHeld(id, fence), takeNumber()
  if not record or record[DEADLINE] == none then return 'lost' end
  touch(id, record)
  record[DEADLINE] = millisText(now + ttl)
  return record[STATE] == STOPPING and 'stopping' or 'extended'
end
