-- The checks of a scrub: each noun adds its own (its file scrub.lua), and they are done one after the other, in pieces.
-- needs: call from frame/time
-- gives: repaired, repair, scanPiece, checkEach
-- shares: checks

-- A check looks at about `limit` things from a cursor on, '0' at first, and puts right what is wrong. It answers the cursor
-- to go on from, nil at its end, and how much it looked at. It gets the moves of lost jobs, too (jobs/lost-moves.lua), and how much a check
-- may look at that is done in one piece.
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

-- Checks things in the order of their names, each in pieces by `check`, which gets a name and a cursor. Answers what a check
-- does: a cursor names the one to go on with and how far it goes in it.
function checkEach(names, cursor, limit, check)
  table.sort(names)
  local current, inside = string.match(cursor, '^(%S+) (%d+)$')
  local checked = 0
  for i, name in ipairs(names) do
    if not current or name >= current then
      local after, looked = check(name, name == current and inside or '0')
      checked = checked + looked + 1
      if after then return name .. ' ' .. after, checked end
      if checked >= limit and names[i + 1] then return names[i + 1] .. ' 0', checked end
    end
  end
  return nil, checked
end
