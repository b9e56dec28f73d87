-- nodes.list
-- needs: verbs from frame/tape
-- needs: call, nowText from frame/time

verbs['nodes.list'] = function()
  return { nowText, call('HGETALL', key.serves), call('HGETALL', key.nodes), call('HGETALL', key.gone) }
end
