-- Moves for attempts whose holder hands them back, or is gone: for records that are yet to be found.
-- needs: movesIn from format/moves
-- needs: take, takeNumber from frame/tape
-- gives: takeReleaseMoves, takeLoseMoves

-- By state, each with its result.
local function takeMoves()
  local found = {}
  for _, move in ipairs(movesIn(take())) do
    local result = move.taken > 0 and take() or nil
    for state in string.gmatch(move.states, '%d') do found[state] = { move, result } end
  end
  return found
end

-- The moves that hand an attempt back. Answers them as applyAll takes them.
function takeReleaseMoves()
  local moves = takeMoves()
  return function() return moves end
end

-- The moves of a job that lost its holder: by what it asks for then, and by how often that has happened before.
function takeLoseMoves()
  local byWish, most = { r = {}, f = {}, a = {} }, takeNumber()
  for _, onLost in ipairs({ 'r', 'f', 'a' }) do
    for lost = 0, most - 1 do byWish[onLost][lost] = takeMoves() end
  end
  return function(record) return byWish[record.onLost][math.min(tonumber(record.lost), most - 1)] end
end
