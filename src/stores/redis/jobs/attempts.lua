-- jobs.attempts: earlier attempts, newest last.
-- needs: takeNumber, verbs from frame/tape
-- needs: call from frame/time

verbs['jobs.attempts'] = function(id)
  return call('LRANGE', key.attempts .. id, -takeNumber(), -1)
end
