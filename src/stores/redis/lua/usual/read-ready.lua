-- When more is due, and what is ready.
local due = call('ZRANGE', key.due, '0', '0', 'WITHSCORES')[2]
wait = due and tonumber(due) - now
if due and wait <= 0 then return nil end
local queues = call('ZRANGE', key.row .. worker, '0', '1')
if queues[1] then
  if queues[2] or pushLine then return nil end
  line = worker .. '/' .. queues[1]
  ids = call('ZRANGE', key.lane .. line .. '/0', '0', math.min(slots, most + 1) - 1)
  if #ids == 0 or #ids > most then return nil end
end
