-- upkeep.discard: a record that was set aside goes for good.
-- needs: verbs from frame/tape
-- needs: call from frame/time

verbs['upkeep.discard'] = function(id)
  local name = string.match(id, '^key:(.*)$')
  if name then call('UNLINK', key.aside .. name) end
  call('ZREM', key.unreadableIds, id)
  return call('HDEL', key.unreadable, id)
end
