-- The checks of a scrub: each noun adds its own (its file scrub.lua), and they are done one after the other, in pieces.
-- needs: call from frame/time
-- gives: repaired, repair, scanPiece
-- shares: checks

-- A check looks at about `limit` things from a cursor on, '0' at first, and puts right what is wrong. It answers the cursor
-- to go on from, nil at its end, and how much it looked at. It gets the moves of lost jobs, too (jobs/lost-moves.lua).
checks = {}
-- By kind, how many things were wrong and are right now.
repaired = {}

function repair(kind, number)
  repaired[kind] = (repaired[kind] or 0) + (number or 1)
end

-- Calls `each` with the two elements of every pair of one piece. Answers what a check does.
function scanPiece(command, name, cursor, limit, each)
  local found = call(command, name, cursor, 'COUNT', limit)
  local elements = found[2]
  for i = 1, #elements, 2 do each(elements[i], elements[i + 1]) end
  return found[1] ~= '0' and found[1] or nil, #elements / 2
end
