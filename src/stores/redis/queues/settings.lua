-- Settings of queues (settings.ts): `paused concurrency max per`, and `closed` behind those of one that takes no jobs. Kept are
-- those that are not an open queue's.
-- needs: call from frame/time
-- gives: OPEN_SETTINGS, PAUSED_SETTINGS, parseSettings, settingsOf, forgetSettings
OPEN_SETTINGS = '0 none none none'
PAUSED_SETTINGS = '1 none none none'
local known = {}

local function isLimit(word)
  return word == 'none' or #word <= 15 and string.find(word, '^%d+%.?%d*$') and true
end

-- nil: the text makes none.
function parseSettings(text)
  local paused, concurrency, max, per, closed = string.match(text, '^([01]) (%S+) (%S+) (%S+)(.*)$')
  if not paused or (closed ~= '' and closed ~= ' closed') then return nil end
  if not (isLimit(concurrency) and isLimit(max) and isLimit(per)) or tonumber(per) == 0 then return nil end
  return {
    isPaused = paused == '1', isClosed = closed ~= '', concurrency = tonumber(concurrency), max = tonumber(max), per = tonumber(per),
  }
end

-- nil: an open queue.
function settingsOf(queue)
  local settings = known[queue]
  if settings == nil then
    local text = call('HGET', key.queues, queue)
    -- Of those that were damaged nobody knows what was meant: until they are set again, nothing starts.
    if text then settings = parseSettings(text) or parseSettings(PAUSED_SETTINGS) end
    known[queue] = settings or false
  end
  return settings or nil
end

-- They are others now.
function forgetSettings(queue)
  known[queue] = nil
end
