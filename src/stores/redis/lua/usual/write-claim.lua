-- What claim.lua and show.lua do.
local shown, begun = { wait and string.format('%.0f', math.ceil(wait)) or '' }, nil
replies[#replies + 1] = shown
if ids[1] then
  if not pushLine then
    call('ZREM', key.lane .. line .. '/0', unpack(ids))
    counts[READY] = counts[READY] - #ids
    if counts[READY] == 0 then call('ZREM', key.row .. worker, queue) end
  end
  local start, parts = '2 0 ' .. microsText .. ' - - ' .. nowText .. ' ' .. holder .. ' ' .. operation .. ' - 1 ', {}
  for i, id in ipairs(ids) do
    local record = start .. tails[i]
    puts[#puts + 1] = id
    puts[#puts + 1] = record
    parts[i] = id .. ' ' .. record .. '\n' .. bodies[i]
  end
  shown[2] = table.concat(parts, '\30')
  begun = table.concat(ids, ' ')
  call('HSET', key.claims .. holder, operation, begun)
  held = held + #ids
  moves[#moves + 1] = 'claim ' .. begun
end
