-- What a batch has done: one entry of the journal for all of it.
-- needs: finishers from frame/writes
-- needs: addEntry from journal/entry
-- gives: moved
-- shares: definedNotes, firedNotes
local groups, group, groupVerb, total = {}, nil, nil, 0

function moved(verb, id)
  if verb ~= groupVerb then
    group, groupVerb, total = { verb }, verb, 1
    groups[#groups + 1] = group
  end
  total = total + 1
  group[total] = id
end

-- Of each definition that was put or removed, its word and version; of each firing, these, the tick, 1 if earlier jobs were
-- in the way, and the word of its note.
definedNotes, firedNotes = {}, {}

finishers[#finishers + 1] = function()
  if #groups + #definedNotes + #firedNotes == 0 then return end
  local moves, fields = {}, {}
  for i = 1, #groups do moves[i] = table.concat(groups[i], ' ') end
  if #definedNotes > 0 then fields = { 'defined', table.concat(definedNotes, ' ') } end
  if #firedNotes > 0 then
    fields[#fields + 1] = 'fired'
    fields[#fields + 1] = table.concat(firedNotes, ' ')
  end
  addEntry('moved', table.concat(moves, ';'), unpack(fields))
end
