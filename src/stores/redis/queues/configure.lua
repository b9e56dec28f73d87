-- queues.configure: changes the settings of a queue.
-- needs: hintReady from frame/hints
-- needs: take, verbs from frame/tape
-- needs: call from frame/time
-- needs: OPEN_SETTINGS, PAUSED_SETTINGS, parseSettings, forgetSettings from queues/settings

local function rateOf(text)
  return string.match(text, '^%S+ %S+ (%S+ %S+)')
end

-- For each setting a word, or `same` to leave it. Answers them all as they now are.
verbs['queues.configure'] = function(queue)
  local before, settings = call('HGET', key.queues, queue) or OPEN_SETTINGS, {}
  if not parseSettings(before) then before = PAUSED_SETTINGS end
  for word in string.gmatch(before, '%S+') do settings[#settings + 1] = word end
  for i = 1, 5 do
    local new = take()
    if new ~= 'same' then settings[i] = new end
  end
  if settings[5] == 'open' then settings[5] = nil end
  local after = table.concat(settings, ' ')
  if after == OPEN_SETTINGS then call('HDEL', key.queues, queue) else call('HSET', key.queues, queue, after) end
  -- Another rate limit starts with a full bucket.
  if rateOf(before) ~= rateOf(after) then call('HDEL', key.buckets, queue) end
  forgetSettings(queue)
  hintReady('', true)
  return after
end
