-- How attempts are taken back, and what a holder's attempts are in short.
-- gives: digestOf, takeBack, takeReleaseMoves, takeLoseMoves, overdue
local digestTail = 9

-- core/node.ts digestOf.
function digestOf(held)
  local ids, fences = 0, 0
  for _, attempt in ipairs(held) do
    ids = ids + tonumber(string.sub(attempt.id, -digestTail))
    fences = fences + tonumber(string.sub(attempt.fence, -digestTail))
  end
  return string.format('%d:%.0f:%.0f', #held, ids, fences)
end

-- Takes attempts back by the move for the state each is found in. Answers how many there were.
function takeBack(ids, movesOf)
  load(ids)
  local taken = 0
  for _, id in ipairs(ids) do
    local record = recordOf(id)
    local chosen = record and movesOf(record)[record[STATE]]
    if chosen then
      make(id, record, chosen[1], chosen[2])
      taken = taken + 1
    end
  end
  flush()
  return taken
end

-- Takes all moves, for records that are yet to be found: by state, each with its result.
local function takeMoves()
  local moves, found = readMoves(take()), {}
  for _, move in ipairs(moves) do
    local result = move.taken > 0 and take() or nil
    for state in string.gmatch(move.states, '%d') do found[state] = { move, result } end
  end
  return found
end

-- Takes the moves that hand an attempt back.
function takeReleaseMoves()
  local moves = takeMoves()
  return function() return moves end
end

-- Takes the moves of a job that lost its holder: by what it asks for then, and by how often that has happened before.
function takeLoseMoves()
  local known, most = { r = {}, f = {} }, takeNumber()
  for _, onLost in ipairs({ 'r', 'f' }) do
    for lost = 0, most - 1 do known[onLost][lost] = takeMoves() end
  end
  return function(record)
    local _, onLost, _, _, lost = detailsOf(record)
    return known[onLost][math.min(tonumber(lost), most - 1)]
  end
end

-- Of holders that are no nodes.
function overdue(limit)
  flush()
  return call('ZRANGEBYSCORE', key.deadlines, '-inf', nowText, 'LIMIT', 0, limit)
end
