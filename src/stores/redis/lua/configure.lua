-- configure: changes the settings of a queue.
local openSettings = '0 none none none'

-- Each setting is a word, or `same` to leave it; the rate limit is two. Answers them all as they now are.
function verbs.configure()
  local queue = take()
  local before = call('HGET', key.queues, queue) or openSettings
  local settings = {}
  for word in string.gmatch(before, '%S+') do
    local new = take()
    settings[#settings + 1] = new == 'same' and word or new
  end
  local after = table.concat(settings, ' ')
  if after == openSettings then call('HDEL', key.queues, queue) else call('HSET', key.queues, queue, after) end
  -- Another limit starts with a full bucket.
  if string.match(before, '%S+ %S+$') ~= string.match(after, '%S+ %S+$') then call('HDEL', key.buckets, queue) end
  knownSettings[queue] = nil
  readyLines[''] = true
  return after
end
