-- What the settings of a queue let through now.
-- needs: hintReady from frame/hints
-- needs: call, now, nowText from frame/time
-- needs: busyIn from queues/busy
-- needs: settingsOf from queues/settings
-- gives: allowance, spend, giveBack, nextToken

-- A bucket of tokens: full at first, refilled evenly (core/queue.ts).
local function tokensOf(queue, settings)
  local text = call('HGET', key.buckets, queue)
  if not text then return settings.max end
  local tokens, filledAt = string.match(text, '^(%S+) (%S+)$')
  if not tonumber(tokens) or not tonumber(filledAt) then return settings.max end
  local passed = now - tonumber(filledAt)
  -- The clock has stepped back: from here on it is filled again, not only when that time comes once more.
  if passed < 0 then call('HSET', key.buckets, queue, tokens .. ' ' .. nowText) end
  local gained = math.max(0, passed) * settings.max / settings.per
  return math.min(settings.max, tonumber(tokens) + gained)
end

local function roomOf(queue, settings)
  if settings.isPaused then return 0 end
  if not settings.concurrency then return math.huge end
  return settings.concurrency - busyIn(queue)
end

-- How many of the wanted claims may begin now.
function allowance(queue, wanted)
  local settings = settingsOf(queue)
  if not settings then return wanted end
  local free = math.min(wanted, roomOf(queue, settings))
  if free > 0 and settings.max then free = math.min(free, math.floor(tokensOf(queue, settings))) end
  return math.max(0, free)
end

-- These claims have begun.
function spend(queue, claims)
  local settings = settingsOf(queue)
  if not settings or not settings.max then return end
  call('HSET', key.buckets, queue, string.format('%.17g %.0f', tokensOf(queue, settings) - claims, now))
end

-- A claim has turned out to have sent nothing.
function giveBack(queue)
  local settings = settingsOf(queue)
  if not settings or not settings.max then return end
  local before = tokensOf(queue, settings)
  -- Another job of the queue may have waited for it.
  if before < 1 then hintReady('', true) end
  local tokens = math.min(settings.max, before + 1)
  call('HSET', key.buckets, queue, string.format('%.17g %.0f', tokens, now))
end

-- Milliseconds until the rate limit lets the next one go; nil: it has none, or something else holds the queue up.
function nextToken(queue)
  local settings = settingsOf(queue)
  if not settings or not settings.max or roomOf(queue, settings) <= 0 then return nil end
  local tokens = tokensOf(queue, settings)
  return tokens >= 1 and 0 or math.ceil((1 - tokens) * settings.per / settings.max)
end
