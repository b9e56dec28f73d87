-- upkeep.discard: a record that was set aside goes for good.
-- needs: verbs from frame/tape
-- needs: call from frame/time

verbs['upkeep.discard'] = function(id)
  call('ZREM', key.unreadableIds, id)
  return call('HDEL', key.unreadable, id)
end
