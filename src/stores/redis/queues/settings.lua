-- Settings of queues (settings.ts): `paused concurrency max per`. Kept are those that are not an open queue's.
-- needs: call from frame/time
-- gives: OPEN_SETTINGS, settingsOf, forgetSettings
OPEN_SETTINGS = '0 none none none'
local known = {}

-- nil: an open queue.
function settingsOf(queue)
  local settings = known[queue]
  if settings == nil then
    local text = call('HGET', key.queues, queue)
    if text then
      local paused, concurrency, max, per = string.match(text, '^(%d) (%S+) (%S+) (%S+)$')
      -- Of those that were damaged nobody knows what was meant: until they are set again, nothing starts.
      settings = { isPaused = paused ~= '0', concurrency = tonumber(concurrency), max = tonumber(max), per = tonumber(per) }
    end
    known[queue] = settings or false
  end
  return settings or nil
end

-- They are others now.
function forgetSettings(queue)
  known[queue] = nil
end
