-- queues.configure: changes the settings of a queue.
-- needs: hintReady from frame/hints
-- needs: take, verbs from frame/tape
-- needs: call from frame/time
-- needs: OPEN_SETTINGS, PAUSED_SETTINGS, parseSettings, forgetSettings from queues/settings

-- For each setting a word, or `same` to leave it. Answers them all as they now are.
verbs['queues.configure'] = function(queue)
  local before, settings = call('HGET', key.queues, queue) or OPEN_SETTINGS, {}
  if not parseSettings(before) then before = PAUSED_SETTINGS end
  for word in string.gmatch(before, '%S+') do
    local new = take()
    settings[#settings + 1] = new == 'same' and word or new
  end
  local after = table.concat(settings, ' ')
  if after == OPEN_SETTINGS then call('HDEL', key.queues, queue) else call('HSET', key.queues, queue, after) end
  -- Another rate limit starts with a full bucket.
  if string.match(before, '%S+ %S+$') ~= string.match(after, '%S+ %S+$') then call('HDEL', key.buckets, queue) end
  forgetSettings(queue)
  hintReady('', true)
  return after
end
