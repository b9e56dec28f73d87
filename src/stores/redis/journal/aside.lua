-- Entries of the journal that nobody can read leave it.
-- needs: keepAside, keptPart from frame/aside
-- needs: call from frame/time
-- gives: setAsideEntry

-- By its number. Answers whether there was one.
function setAsideEntry(seq, reason)
  if not string.find(seq, '^%d+$') or #seq > 18 then return false end
  local id = '0-' .. seq
  local entry = call('XRANGE', key.journal, id, id)[1]
  if not entry then return false end
  local raw = {}
  for i = 1, #entry[2], 2 do raw[#raw + 1] = keptPart(entry[2][i], entry[2][i + 1]) end
  keepAside('entry:' .. seq, reason, table.concat(raw))
  call('XDEL', key.journal, id)
  return true
end
