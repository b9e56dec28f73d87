-- Limits that nobody can read: they limit nothing until they are set again.
-- needs: keepAside, keptPart, plainWord from frame/aside
-- needs: call from frame/time
-- needs: changeLimits from limits/change
-- gives: setAsideLimit

-- Answers whether there was one.
function setAsideLimit(name, reason)
  local text = call('HGET', key.limits, name)
  if not text then return false end
  keepAside('limit:' .. plainWord(name), reason, keptPart('limit', text))
  call('HDEL', key.limits, name)
  changeLimits(name, {})
  return true
end
