-- Settings of queues that nobody can read: nobody knows what was meant, so nothing of the queue starts until they are set again.
-- needs: keepAside, keptPart, plainWord from frame/aside
-- needs: call from frame/time
-- needs: PAUSED_SETTINGS, forgetSettings from queues/settings
-- gives: setAsideSettings

-- Answers whether there were some.
function setAsideSettings(queue, reason)
  local text = call('HGET', key.queues, queue)
  if not text then return false end
  keepAside('queue:' .. plainWord(queue), reason, keptPart('settings', text))
  call('HSET', key.queues, queue, PAUSED_SETTINGS)
  call('HDEL', key.buckets, queue)
  forgetSettings(queue)
  return true
end
