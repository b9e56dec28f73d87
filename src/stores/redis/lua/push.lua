-- push: keeps jobs. What Node says of each is its start, what its record keeps for good, and its body.
local fixedParts = {}

-- `lane priority onLost` is the same text for many jobs.
local function partsOf(fixed)
  local parts = fixedParts[fixed]
  if not parts then
    local lane, priority = string.match(fixed, '^(%S+) (%S+) ')
    parts = { lane = lane, index = key.lane .. lane, score = scoreOf(priority), rest = ' ' .. fixed .. unclaimed }
    fixedParts[fixed] = parts
  end
  return parts
end

-- `now`, `delay 5000` or `at 1700000000000`. Answers when it is due and whether that is still to come.
local function dueOf(start)
  local made = madeAt()
  if start == 'now' then return string.format('%.0f', made), false end
  local kind, time = string.match(start, '^(%a+) (%S+)$')
  local due = kind == 'at' and math.max(now, tonumber(time)) or now + tonumber(time)
  if due <= now then return string.format('%.0f', made), false end
  return millisText(due), true
end

local function keepJob(start, fixed, body, payload)
  local id = nextId()
  local parts = partsOf(fixed)
  local due, isLater = dueOf(start)
  if isLater then write('ZADD', key.due, due, id) else write('ZADD', parts.index, parts.score, id) end
  write('HSET', key.jobs, id, (isLater and '0 0 ' or '1 0 ') .. due .. parts.rest)
  write('HSET', key.bodies, id, body)
  write('ZADD', key.ids, '0', id)
  if payload then write('HSET', key.texts, id .. 'p', payload) end
  count(parts.lane, nil, isLater and SCHEDULED or QUEUED)
  moved('push', id)
  news = true
  return id
end

-- Keys that this script has made.
local newKeys = {}

local function knownKey(scope)
  local known = newKeys[scope] or redis.call('HGET', key.keys, scope)
  if not known then return nil end
  return string.match(known, '^(%d+) (.*)$')
end

local function keepKey(scope, id, digest)
  newKeys[scope] = id .. ' ' .. digest
  write('HSET', key.keys, scope, newKeys[scope])
  write('ZADD', key.keyTimes, nowText, scope)
end

-- One job; answers its id after a letter: new, the one its key had made, or that of another job under its key.
local function pushOne()
  local extras, start, fixed, body = take(), take(), take(), take()
  local payload = string.find(extras, 'p', 1, true) and take() or nil
  if not string.find(extras, 'k', 1, true) then return 'n' .. keepJob(start, fixed, body, payload) end
  local scope, digest = take(), take()
  local known, knownDigest = knownKey(scope)
  if known then return (knownDigest == digest and 'r' or 'c') .. known end
  local id = keepJob(start, fixed, body, payload)
  keepKey(scope, id, digest)
  return 'n' .. id
end

local function pushMany()
  local pushed = {}
  for i = 1, takeNumber() do pushed[i] = pushOne() end
  return table.concat(pushed, ' ')
end

local function skipPushes()
  for _ = 1, takeNumber() do
    local extras = take()
    local others = 3 + (string.find(extras, 'p', 1, true) and 1 or 0) + (string.find(extras, 'k', 1, true) and 2 or 0)
    for _ = 1, others do take() end
  end
end
