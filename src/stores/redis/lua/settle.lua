-- settle, extend, change and remove: what is asked of one job. The ids of all such calls stand before the calls, so that
-- their records are read at once.
local targets = takeList()
load(targets)
local target = 0

local function takeTarget()
  target = target + 1
  local id = targets[target]
  return id, records[id] or nil
end

-- The attempt that the fence proves.
local function takeHeld()
  local id, record = takeTarget()
  local fence = take()
  if record and record[FENCE] == fence and isHeld(record) then return id, record end
  return id, nil
end

function verbs.push()
  return pushMany()
end

function verbs.settle()
  local id, record = takeHeld()
  local move, result, output = takeMove(record and record[STATE])
  if not move then
    skipPushes()
    return 0
  end
  make(id, record, move, result, output)
  pushMany()
  return 1
end

function verbs.extend()
  local id, record = takeHeld()
  local ttl = takeNumber()
  if not record or record[DEADLINE] == none then return 'lost' end
  touch(id, record)
  record[DEADLINE] = millisText(now + ttl)
  return record[STATE] == STOPPING and 'stopping' or 'extended'
end

function verbs.change()
  local id, record = takeTarget()
  local move, result, output = takeMove(record and record[STATE])
  if not record then return 'missing' end
  if not move then return record[STATE] end
  make(id, record, move, result, output)
  flush()
  return show({ id }, true)
end

function verbs.remove()
  local id, record = takeTarget()
  local from = take()
  if not record then return 'missing' end
  if not string.find(from, record[STATE], 1, true) then return record[STATE] end
  flush()
  local shown = show({ id }, true)
  touch(id, record)
  record.isGone = true
  moved('delete', id)
  flush()
  return shown
end
