-- The counts of the line, whose queue has no settings.
if pushLine then
  if line and line ~= pushLine then return nil end
  line = pushLine
end
if line then
  local lineWorker, text
  lineWorker, queue = match(line, '^([^/]+)/([^/]+)$')
  text = call('HGET', key.counts, line)
  if not text or call('HGET', key.queues, queue) then return nil end
  counts = { match(text, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$') }
  if counts[MANUAL] ~= '0' then return nil end
  if holder and (#ids ~= math.min(slots, tonumber(counts[READY])) or (pushLine and worker ~= lineWorker)) then return nil end
  worker = lineWorker
end
-- From here on it writes.
