-- The records of the job that ends and of those that begin.
local firstId = endedId or ids[1]
local records = firstId and call('HMGET', key.jobs, firstId, unpack(ids))
if endedId then
  local endLine
  local pattern = '^2 0 ' .. fence .. ' %- %- (%d+ (%S+) (%S+) %- %d+ (%S+)/[01] .+)$'
  rest, endHolder, endOperation, endLine = match(records[1] or '', pattern)
  if not endLine or (line and line ~= endLine) or (holder and holder ~= endHolder) then return nil end
  line = endLine
end
if ids[1] then
  bodies = call('HMGET', key.bodies, unpack(ids))
  for i = 1, #ids do
    local record = records[i + 1] or ''
    if sub(record, 1, #freshStart) ~= freshStart or sub(bodies[i] or 'l', 1, 1) == 'l' then return nil end
    tails[i] = sub(record, #freshStart + 1)
  end
end
