-- All calls of one batch in their order; the last two replies are the ids of jobs that were pushed alone and the hints.
local replies = answerCalls()
flush()
for _, finish in ipairs(atEnd) do finish() end
keepCounts()
flush()

-- One event for all that has moved.
if #groups > 0 then
  local moves = {}
  for i, group in ipairs(groups) do moves[i] = table.concat(group, ' ') end
  call('XADD', key.events, '0-*', 'at', nowText, 'moved', table.concat(moves, ';'))
end

-- Hints: `ready` or nothing, the ended ids, the holders with a new message. Other nodes are told, if there are any.
local holders = {}
for holder in pairs(inboxes) do holders[#holders + 1] = holder end
local isReady = next(readyLines) and 'ready' or ''
local hints = ''
if isReady ~= '' or #endedIds > 0 or #holders > 0 then
  hints = isReady .. ';' .. table.concat(endedIds, ' ') .. ';' .. table.concat(holders, ' ')
  -- The only node is the sender itself, if that is one.
  if call('HLEN', key.nodes) > (sender == none and 0 or 1) then call('PUBLISH', key.hints, sender .. ';' .. hints) end
end

replies[#replies + 1] = table.concat(plainIds, ' ')
replies[#replies + 1] = hints
return replies
