-- Moves: what Node has decided for each state that a job may be found in (moves.ts).
-- gives: PLAIN_END, PLAIN_RETRY, movesIn
local known = {}

-- However the attempt is found, the job ends in one way: the verb, the state, the reason and what follows of the result.
PLAIN_END = '^23 end (%S+) (%d) (%S+) (%S+)$'

-- A running job is tried again after a delay. The result follows twice.
PLAIN_RETRY = '^2 retry retry (%S+) (%d+) one;3 end %S+ %d %S+ one$'

-- `states kind verb to reason result`, divided by semicolons. `to` is a state, a delay or a mark, and `result` says what
-- follows: keep: what the record shows; none; one: a text; long: a text and the output it stands for. In place of a reason, a
-- retry and a restart say how many bytes of the output the history keeps.
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
