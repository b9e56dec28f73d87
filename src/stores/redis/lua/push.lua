-- push: keeps jobs. What Node says of each is a specification, which many jobs share, and its body.
-- gives: pushMany, skipPushes
local putBodies, putIds = listOf('HSET', key.bodies), listOf('ZADD', key.ids)
local knownSpecs = {}
-- No result, no fence, no end, no reason, no start, no hold, no deadline, no attempt.
local unclaimed = ' 0 0 - - - - - - 0 '

-- `now 0`, `delay 5000` or `at 1700000000000`; then the lane, the priority and what to do when its holder is lost.
local function readSpec(text)
  local start, time, lane, priority, onLost = match(text, '^(%S+) (%S+) (%S+) (%S+) (%S+)$')
  local spec = {
    start = start,
    time = tonumber(time),
    lane = lane,
    ready = listOf('ZADD', key.lane .. lane),
    score = scoreOf(priority),
    before = unclaimed .. lane .. ' ' .. priority .. ' ' .. onLost .. ' ',
    -- The first run, no loss.
    after = ' 1 0',
  }
  knownSpecs[text] = spec
  return spec
end

local spoken, spokenText

-- Unix milliseconds as text; jobs that come together were made at the same time.
local function timeText(time)
  if spoken ~= time then spoken, spokenText = time, form('%.0f', time) end
  return spokenText
end

-- When a job is due, if that is still to come.
local function laterDue(spec)
  if spec.start == 'now' then return nil end
  local due = spec.start == 'at' and max(now, spec.time) or now + spec.time
  return due > now and millisText(due) or nil
end

local function freshRecord(spec, made)
  if spec.made ~= made then
    spec.made = made
    spec.record = QUEUED .. spec.before .. timeText(made) .. spec.after
  end
  return spec.record
end

local function keepJob(text, body)
  local spec = knownSpecs[text] or readSpec(text)
  local id = nextId()
  local due = laterDue(spec)
  if due then
    write('ZADD', key.due, due, id)
    addPair(putJobs, id, SCHEDULED .. spec.before .. due .. spec.after)
  else
    addPair(spec.ready, spec.score, id)
    addPair(putJobs, id, freshRecord(spec, madeAt()))
  end
  addPair(putBodies, id, body)
  addPair(putIds, '0', id)
  count(spec.lane, nil, due and SCHEDULED or QUEUED, 1)
  moved('push', id)
  noteOthers()
  return id
end

-- Keys that this script has made.
local newKeys = {}

local function knownKey(scope)
  local known = newKeys[scope] or call('HGET', key.keys, scope)
  if not known then return nil end
  return match(known, '^(%d+) (.*)$')
end

local function keepKey(scope, id, digest)
  newKeys[scope] = id .. ' ' .. digest
  write('HSET', key.keys, scope, newKeys[scope])
  write('ZADD', key.keyTimes, nowText, scope)
end

-- A job whose payload is long (p), or which has an idempotency key (k). Answers its id; after an r,
-- the one that its key had made; after a c, that of another job under its key.
local function pushOne()
  local extras, spec, body = take(), take(), take()
  local payload = find(extras, 'p', 1, true) and take() or nil
  local scope, digest
  if find(extras, 'k', 1, true) then
    scope, digest = take(), take()
    local known, knownDigest = knownKey(scope)
    if known then return (knownDigest == digest and 'r' or 'c') .. known end
  end
  local id = keepJob(spec, body)
  if payload then write('HSET', key.texts, id .. 'p', payload) end
  if scope then keepKey(scope, id, digest) end
  return id
end

function pushMany()
  local pushed = {}
  for i = 1, takeNumber() do pushed[i] = pushOne() end
  return concat(pushed, ' ')
end

function skipPushes()
  for _ = 1, takeNumber() do
    local extras = take()
    local others = 2 + (find(extras, 'p', 1, true) and 1 or 0) + (find(extras, 'k', 1, true) and 2 or 0)
    for _ = 1, others do take() end
  end
end

-- A job that is nothing special.
function verbs.push(spec)
  plainIds[#plainIds + 1] = keepJob(spec, take())
  return 0
end

function verbs.pushMany()
  return pushMany()
end
