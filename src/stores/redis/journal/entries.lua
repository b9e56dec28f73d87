-- journal.entries: entries behind a number, oldest first.
-- needs: take, verbs from frame/tape
-- needs: call from frame/time

verbs['journal.entries'] = function(after)
  return call('XRANGE', key.journal, '(0-' .. after, '+', 'COUNT', take())
end
