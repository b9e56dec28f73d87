-- Moves among the arguments (format/moves.lua), and their results behind them.
-- needs: take from frame/tape
-- gives: takeMove

-- The move for the state that a job is found in, with its result; nil when there is none. Takes the results of all moves.
function takeMove(moves, state)
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
