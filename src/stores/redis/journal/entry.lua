-- An entry of the journal (port.ts): when a step was done, and what it did.
-- needs: nowText from frame/time
-- gives: addEntry

-- Fields, each with its text. `moved`: each verb with the ids that it moved, divided by semicolons; `defined` and `fired`: the
-- words of the definitions that were put and of the firings; `told`: the events, one behind the other (moved.lua). Redis numbers
-- the entries, without gaps. Answers that.
function addEntry(...)
  local added = redis.pcall('XADD', key.journal, '0-*', 'at', nowText, ...)
  if not added.err then return added end
  -- Somebody else wrote there, what is no stream or under numbers of their own: it is kept as it is under another name. The numbers
  -- go on behind all that there were, which are fewer than milliseconds since 1970.
  local call = redis.call
  call('RENAME', key.journal, key.aside .. 'journal')
  for name, type in pairs({ [key.unreadable] = 'hash', [key.unreadableIds] = 'zset' }) do
    if call('TYPE', name).ok ~= type then call('UNLINK', name) end
  end
  local raw = 'It lies, as it was, in the key ' .. key.aside .. 'journal\n'
  call('HSET', key.unreadable, 'key:journal', nowText .. ' no%20entry%20can%20be%20added\n' .. raw)
  call('ZADD', key.unreadableIds, 0, 'key:journal')
  return call('XADD', key.journal, '0-' .. nowText, 'at', nowText, ...)
end
