-- Moves: what Node has decided for each state that a job may be found in (core/transitions.ts).
-- gives: readMoves, takeMove, takesNothing, resultMarks
local knownMoves = {}

-- `states kind verb to reason result`, divided by semicolons. `to` is a state, a delay or a mark, and `result` says what
-- follows: keep: what the record shows; none; one: a text; long: a text and the output it stands for.
function readMoves(text)
  local moves = { taken = 0 }
  for states, kind, verb, to, reason, result in string.gmatch(text, '(%d+) (%S+) (%S+) (%S+) (%S+) ([^ ;]+)') do
    local taken = result == 'one' and 1 or result == 'long' and 2 or 0
    local move = { states = states, kind = kind, verb = verb, to = to, reason = reason, result = result, taken = taken }
    moves[#moves + 1] = move
    moves.taken = moves.taken + taken
    for state in string.gmatch(states, '%d') do moves[state] = move end
  end
  knownMoves[text] = moves
  return moves
end

-- The move for this state with its result; nil when there is none. Takes the results of all moves.
function takeMove(text, state)
  local moves = knownMoves[text] or readMoves(text)
  local found, foundResult, foundOutput = state and moves[state], nil, nil
  if moves.taken == 0 then return found end
  for i = 1, #moves do
    local move = moves[i]
    local result = move.taken > 0 and take() or nil
    local output = move.taken > 1 and take() or nil
    if move == found then foundResult, foundOutput = result, output end
  end
  return found, foundResult, foundOutput
end

-- Whether no result follows moves that were read before.
function takesNothing(text)
  return knownMoves[text].taken == 0
end

-- What a record says of its result, by what a move says of it.
resultMarks = { none = '0', one = '1', long = '2' }
