-- settle: ends or hands back an attempt.
-- gives: settle, findHeld

-- The record of an attempt, if the fence proves it.
function findHeld(id, fence)
  local record = recordOf(id)
  return record and record[FENCE] == fence and isHeld(record) and record or nil
end

function settle(moves)
  local id, fence = takeTarget()
  local record = findHeld(id, fence)
  local move, result, output = takeMove(moves, record and record[STATE])
  if not move then return false end
  make(id, record, move, result, output)
  return true
end

function verbs.settle(moves)
  return settle(moves) and 1 or 0
end
