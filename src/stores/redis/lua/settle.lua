-- settle, extend, change and remove: what is asked of one job. The jobs of all such calls stand before the calls, each an
-- id and the fence that is to prove something, so that their records are read at once.
local targets, fences = {}, {}
for i = 1, takeNumber() do
  local ref = take()
  targets[i], fences[i] = sub(ref, 1, 19), sub(ref, 20)
end
load(targets)
local target = 0

local function takeTarget()
  target = target + 1
  return targets[target], fences[target]
end

-- The record of an attempt, if the fence proves it.
local function findHeld(id, fence)
  local record = recordOf(id)
  return record and record[FENCE] == fence and isHeld(record) and record or nil
end

local function settle(moves)
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

-- With jobs to push if it is settled.
function verbs.settleAndPush(moves)
  if settle(moves) then
    pushMany()
    return 1
  end
  skipPushes()
  return 0
end

function verbs.extend()
  local id, fence = takeTarget()
  local record, ttl = findHeld(id, fence), takeNumber()
  if not record or record[DEADLINE] == none then return 'lost' end
  touch(id, record)
  record[DEADLINE] = millisText(now + ttl)
  return record[STATE] == STOPPING and 'stopping' or 'extended'
end

function verbs.change(moves)
  local id = takeTarget()
  local record = recordOf(id)
  local move, result, output = takeMove(moves, record and record[STATE])
  if not record then return 'missing' end
  if not move then return record[STATE] end
  make(id, record, move, result, output)
  flush()
  return show({ id }, true)
end

function verbs.remove(from)
  local id = takeTarget()
  local record = recordOf(id)
  if not record then return 'missing' end
  if not find(from, record[STATE], 1, true) then return record[STATE] end
  flush()
  local shown = show({ id }, true)
  touch(id, record)
  record.isGone = true
  moved('delete', id)
  flush()
  return shown
end
