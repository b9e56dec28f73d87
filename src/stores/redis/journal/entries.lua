-- journal.entries: entries behind a number, oldest first.
-- needs: take, verbs from frame/tape
-- needs: call from frame/time

verbs['journal.entries'] = function(after)
  local entries = {}
  for i, entry in ipairs(call('XRANGE', key.journal, '(0-' .. after, '+', 'COUNT', take())) do
    entries[i] = { entry[1], entry[2][2], entry[2][4] }
  end
  return entries
end
