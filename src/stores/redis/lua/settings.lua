-- Settings of queues. Kept are those that are set otherwise than open: `paused concurrency max per`.
-- gives: settingsOf, knownSettings
knownSettings = {}

-- nil: an open queue.
function settingsOf(queue)
  local settings = knownSettings[queue]
  if settings == nil then
    local text = call('HGET', key.queues, queue)
    if text then
      local paused, concurrency, max, per = string.match(text, '^(%d) (%S+) (%S+) (%S+)$')
      settings = { isPaused = paused == '1', concurrency = tonumber(concurrency), max = tonumber(max), per = tonumber(per) }
    end
    knownSettings[queue] = settings or false
  end
  return settings or nil
end
