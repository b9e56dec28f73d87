-- What this script did: one event for all of it, and the hints it gives.
-- gives: moved, groups, readyLines, inboxes, endedIds
groups = {}
local group, groupVerb, total = nil, nil, 0

function moved(verb, id)
  if verb ~= groupVerb then
    group, groupVerb, total = { verb }, verb, 1
    groups[#groups + 1] = group
  end
  total = total + 1
  group[total] = id
end

-- Lines in which there may be something to claim; '' stands for any.
readyLines = {}
-- Holders with a new message.
inboxes = {}
endedIds = {}
