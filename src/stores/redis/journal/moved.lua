-- What a batch has moved: one entry of the journal for all of it.
-- needs: finishers from frame/writes
-- needs: addEntry from journal/entry
-- gives: moved
local groups, group, groupVerb, total = {}, nil, nil, 0

function moved(verb, id)
  if verb ~= groupVerb then
    group, groupVerb, total = { verb }, verb, 1
    groups[#groups + 1] = group
  end
  total = total + 1
  group[total] = id
end

finishers[#finishers + 1] = function()
  if #groups == 0 then return end
  local moves = {}
  for i = 1, #groups do moves[i] = table.concat(groups[i], ' ') end
  addEntry(table.concat(moves, ';'))
end
