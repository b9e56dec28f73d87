-- jobs.count
-- needs: verbs from frame/tape
-- needs: call from frame/time

verbs['jobs.count'] = function()
  return call('HGETALL', key.counts)
end
