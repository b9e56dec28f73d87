-- Moves: what Node has decided for each state that a job may be found in (moves.ts).
-- gives: movesIn
local known = {}

-- `states kind verb to reason result`, divided by semicolons. `to` is a state, a delay or a mark, and `result` says what
-- follows: keep: what the record shows; none; one: a text; long: a text and the output it stands for.
local function readMoves(text)
  local moves = { taken = 0, isEnd = true }
  for states, kind, verb, to, reason, result in string.gmatch(text, '(%d+) (%S+) (%S+) (%S+) (%S+) ([^ ;]+)') do
    local taken = result == 'one' and 1 or result == 'long' and 2 or 0
    local move = { states = states, kind = kind, verb = verb, to = to, reason = reason, result = result, taken = taken }
    moves[#moves + 1] = move
    moves.taken = moves.taken + taken
    moves.isEnd = moves.isEnd and kind == 'end'
    for state in string.gmatch(states, '%d') do moves[state] = move end
  end
  known[text] = moves
  return moves
end

-- The moves in their order and by state; `taken` is how many texts follow; `isEnd`: whichever it is, the job ends.
function movesIn(text)
  return known[text] or readMoves(text)
end
