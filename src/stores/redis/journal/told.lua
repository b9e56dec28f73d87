-- How many characters events had in all entries there ever were.
-- needs: wholeIn from format/whole
-- needs: call from frame/time
-- gives: charactersTold

-- A count that was damaged goes on behind the newest entry of which it is known.
function charactersTold()
  local known = wholeIn(call('HGET', key.meta, 'told') or '0')
  if known then return tonumber(known) end
  local newest = call('ZREVRANGEBYSCORE', key.told, '999999999999998', '0', 'WITHSCORES', 'LIMIT', 0, 1)[2]
  return newest and tonumber(newest) + 1 or 0
end
