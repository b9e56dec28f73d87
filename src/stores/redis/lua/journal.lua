-- What this script did: one event for all of it, and the hints it gives.
-- gives: moved, readyLines, inboxes, endedIds, readyAnyway, keepEvent, tellHints
local groups, lastGroup, lastVerb, lastCount = {}, nil, nil, 0

function moved(verb, id)
  if verb ~= lastVerb then
    lastVerb, lastGroup, lastCount = verb, { verb }, 1
    groups[#groups + 1] = lastGroup
  end
  lastCount = lastCount + 1
  lastGroup[lastCount] = id
end

-- Lines in which there may be something to claim.
readyLines = {}
inboxes, endedIds = {}, {}

function readyAnyway()
  readyLines[''] = true
end

function keepEvent()
  if #groups == 0 then return end
  local texts = {}
  for i, group in ipairs(groups) do texts[i] = concat(group, ' ') end
  local seq = form('%.0f', call('HINCRBY', key.meta, 'event', 1))
  call('XADD', key.events, seq .. '-1', 'at', nowText, 'moved', concat(texts, ';'))
end

-- Answers the hints as one text: `ready` or nothing, the ended ids, the holders with a new message.
-- Tells them to other nodes, if there are any.
function tellHints(sender)
  local holders = {}
  for holder in pairs(inboxes) do holders[#holders + 1] = holder end
  local isReady = next(readyLines) and 'ready' or ''
  if isReady == '' and #endedIds == 0 and #holders == 0 then return '' end
  local hints = isReady .. ';' .. concat(endedIds, ' ') .. ';' .. concat(holders, ' ')
  local nodes = call('HLEN', key.nodes)
  if nodes > 1 or (nodes == 1 and call('HEXISTS', key.nodes, sender) == 0) then call('PUBLISH', key.hints, sender .. ';' .. hints) end
  return hints
end
