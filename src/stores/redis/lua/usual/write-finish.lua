-- What finish.lua does, and in the end claims.lua and endings.lua.
puts[1] = endedId
puts[2] = to .. (result and ' 1 ' or ' 0 ') .. fence .. ' ' .. nowText .. ' ' .. reason .. ' ' .. rest
if result then call('HSET', key.results, endedId, result) end
call('ZADD', key.ended .. to, nowText, endedId)
if #endBegun == #endedId then
  call('HDEL', key.claims .. endHolder, endOperation)
else
  local hold = endHolder .. ' ' .. endOperation
  if call('HINCRBY', key.left, hold, '1') >= (#endBegun + 1) / (#endedId + 1) then
    call('HDEL', key.left, hold)
    call('HDEL', key.claims .. endHolder, endOperation)
  end
end
local place = to + 1
counts[place] = counts[place] + 1
held = -1
moves[1] = verb .. ' ' .. endedId
replies[1] = 1
