-- What push.lua does; a job that is claimed at once needs no place in a lane.
pushedId = nextId()
for _, keepIt in ipairs(atEnd) do keepIt() end
local tail = pushLane .. ' ' .. pushWords .. ' ' .. string.format('%.0f', madeAt()) .. ' 1 0'
call('HSET', key.bodies, pushedId, body)
call('ZADD', key.ids, '0', pushedId)
moves[#moves + 1] = 'push ' .. pushedId
replies[#replies + 1] = 0
if holder then
  ids, tails, bodies = { pushedId }, { tail }, { body }
else
  local before = tonumber(counts[READY])
  call('ZADD', key.lane .. pushLane, string.format('%d', -tonumber(match(pushWords, '^%S+'))), pushedId)
  if before == 0 then call('ZADD', key.row .. worker, call('HINCRBY', key.meta, 'turn', '1'), queue) end
  counts[READY] = before + 1
  puts[#puts + 1] = pushedId
  puts[#puts + 1] = freshStart .. tail
end
