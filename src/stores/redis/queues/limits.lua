-- What the settings of a queue let through now.
-- needs: hintReady from frame/hints
-- needs: call from frame/time
-- needs: bucketIn, tokensOf, bucketText from queues/bucket
-- needs: busyIn from queues/busy
-- needs: settingsOf from queues/settings
-- gives: allowance, spend, giveBack, nextToken

local function tokensIn(queue, settings)
  return tokensOf(bucketIn(key.buckets, queue), settings)
end

local function roomOf(queue, settings)
  if settings.isPaused then return 0 end
  if not settings.concurrency then return math.huge end
  return settings.concurrency - busyIn(queue)
end

-- How many of the wanted claims may begin now.
function allowance(queue, wanted)
  -- Of counts that were damaged.
  if wanted <= 0 then return 0 end
  local settings = settingsOf(queue)
  if not settings then return wanted end
  local free = math.min(wanted, roomOf(queue, settings))
  if free > 0 and settings.max then free = math.min(free, math.floor(tokensIn(queue, settings))) end
  return math.max(0, free)
end

-- These claims have begun.
function spend(queue, claims)
  local settings = settingsOf(queue)
  if not settings or not settings.max then return end
  call('HSET', key.buckets, queue, bucketText(tokensIn(queue, settings) - claims))
end

-- A claim has turned out to have sent nothing.
function giveBack(queue)
  local settings = settingsOf(queue)
  if not settings or not settings.max then return end
  local before = tokensIn(queue, settings)
  -- Another job of the queue may have waited for it.
  if before < 1 then hintReady('', true) end
  local tokens = math.min(settings.max, before + 1)
  call('HSET', key.buckets, queue, bucketText(tokens))
end

-- Milliseconds until the rate limit lets the next one go; nil: it has none, or something else holds the queue up.
function nextToken(queue)
  local settings = settingsOf(queue)
  if not settings or not settings.max or roomOf(queue, settings) <= 0 then return nil end
  local tokens = tokensIn(queue, settings)
  return tokens >= 1 and 0 or math.ceil((1 - tokens) * settings.per / settings.max)
end
