-- limits.remove: a limit goes.
-- needs: verbs from frame/tape
-- needs: call from frame/time
-- needs: changeLimits from limits/change

-- Answers 1 if there was one.
verbs['limits.remove'] = function(name)
  local removed = call('HDEL', key.limits, name)
  changeLimits(name, {})
  return removed
end
