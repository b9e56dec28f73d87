-- What batch.lua does in the end: the records, the counts, one event, hints.
local hints = ''
if line then
  counts[HELD] = counts[HELD] + held
  call('HSET', key.jobs, unpack(puts))
  call('HSET', key.counts, line, table.concat(counts, ' '))
  if held ~= 0 then call('HINCRBY', key.busy, queue, held) end
  call('XADD', key.events, '0-*', 'at', nowText, 'moved', table.concat(moves, ';'))
  local ready = pushLine and tonumber(counts[READY]) > 0 and 'ready' or ''
  if endedId or ready ~= '' then
    hints = ready .. ';' .. (endedId or '') .. ';'
    if call('HLEN', key.nodes) > (sender == none and 0 or 1) then call('PUBLISH', key.hints, sender .. ';' .. hints) end
  end
end
replies[#replies + 1] = pushedId
replies[#replies + 1] = hints
return replies
