-- limits.configure: sets a limit.
-- needs: take, verbs from frame/tape
-- needs: call from frame/time
-- needs: changeLimits from limits/change
-- needs: parseLimit from limits/settings

verbs['limits.configure'] = function(name)
  local text = take()
  call('HSET', key.limits, name, text)
  changeLimits(name, parseLimit(text))
  return 1
end
