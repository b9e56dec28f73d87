-- Ids have 19 digits (ids.ts). A list of ids is one text, divided by blanks.
-- gives: ID_LENGTH, idsIn
ID_LENGTH = 19

function idsIn(list)
  local ids, n = {}, 0
  for id in string.gmatch(list, '%d+') do
    n = n + 1
    ids[n] = id
  end
  return ids
end
