-- upkeep.time: the present, and by how many milliseconds the newest id of this server, or one that came in, is ahead of it.
-- needs: server from frame/sender
-- needs: verbs from frame/tape
-- needs: call, now from frame/time
-- As ids have it (jobs/ids.lua).
local epoch = 1546300800000

verbs['upkeep.time'] = function()
  local last, floor = unpack(call('HMGET', key.meta, 'id:' .. server, 'floor'))
  local newest = math.max(tonumber(string.match(last or '', '^%d+') or 0), tonumber(floor or 0) or 0)
  return { now, math.max(0, newest + epoch - now) }
end
