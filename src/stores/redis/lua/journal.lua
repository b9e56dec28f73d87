-- What this script did: one event for all of it, and the hints it gives.
local groups, lastGroup, lastVerb = {}, nil, nil

local function moved(verb, id)
  if verb ~= lastVerb then
    lastVerb, lastGroup = verb, { verb }
    groups[#groups + 1] = lastGroup
  end
  lastGroup[#lastGroup + 1] = id
end

-- Lines in which there may be something to claim.
local readyLines = {}
local inboxes, endedIds = {}, {}

local function readyAnyway()
  readyLines[''] = true
end

local function keepEvent()
  if #groups == 0 then return end
  local texts = {}
  for i, group in ipairs(groups) do texts[i] = table.concat(group, ' ') end
  local seq = string.format('%.0f', redis.call('HINCRBY', key.meta, 'event', 1))
  redis.call('XADD', key.events, seq .. '-1', 'at', nowText, 'moved', table.concat(texts, ';'))
end

-- Answers the hints as one text: `ready` or nothing, the ended ids, the holders with a new message.
-- Tells them to other nodes, if there are any.
local function tellHints(sender)
  local holders = {}
  for holder in pairs(inboxes) do holders[#holders + 1] = holder end
  local isReady = next(readyLines) and 'ready' or ''
  if isReady == '' and #endedIds == 0 and #holders == 0 then return '' end
  local hints = isReady .. ';' .. table.concat(endedIds, ' ') .. ';' .. table.concat(holders, ' ')
  local nodes = redis.call('HLEN', key.nodes)
  if nodes > 1 or (nodes == 1 and redis.call('HEXISTS', key.nodes, sender) == 0) then
    redis.call('PUBLISH', key.hints, sender .. ';' .. hints)
  end
  return hints
end
