-- What a batch has done: one entry of the journal for all of it.
-- needs: finishers from frame/writes
-- needs: addEntry from journal/entry
-- gives: moved
-- shares: definedNotes, firedNotes, toldTexts, numbered
local groups, group, groupVerb, total = {}, nil, nil, 0

function moved(verb, id)
  if verb ~= groupVerb then
    group, groupVerb, total = { verb }, verb, 1
    groups[#groups + 1] = group
  end
  total = total + 1
  group[total] = id
end

-- Of each definition that was put or removed, its word and version, behind which a word of what was
-- said of it may stand; of each firing, its word and version, the tick, 1 if earlier jobs were
-- in the way or `off` if it was put off, and the word of its note.
definedNotes, firedNotes = {}, {}
-- Of each event what core/event.ts writes of it.
toldTexts = {}
-- Called with the number of the entry, once it is known.
numbered = {}

finishers[#finishers + 1] = function()
  if #groups + #definedNotes + #firedNotes + #toldTexts == 0 then return end
  local moves, fields = {}, {}
  for i = 1, #groups do moves[i] = table.concat(groups[i], ' ') end
  if #definedNotes > 0 then fields = { 'defined', table.concat(definedNotes, ' ') } end
  if #firedNotes > 0 then
    fields[#fields + 1] = 'fired'
    fields[#fields + 1] = table.concat(firedNotes, ' ')
  end
  if #toldTexts > 0 then
    fields[#fields + 1] = 'told'
    fields[#fields + 1] = table.concat(toldTexts)
  end
  local seq = string.match(addEntry('moved', table.concat(moves, ';'), unpack(fields)), '%d+$')
  for i = 1, #numbered do numbered[i](seq) end
end
