-- jobs.push: keeps jobs. What Node says of each is a specification, which many jobs share, and its body (push.ts).
-- needs: CREATED_PART from format/body only: unique
-- needs: factLine, classOf from format/facts only: owned
-- needs: millisText from format/millis
-- needs: newText from format/record-new
-- needs: NO_ERROR from format/result only: owned
-- needs: SCHEDULED, QUEUED from format/states
-- needs: NONE from format/words only: owned
-- needs: take, takeNumber, verbs from frame/tape
-- needs: call, now, nowText from frame/time
-- needs: listOf, addPair, write, waitingChanged, finishers from frame/writes
-- needs: moved from journal/moved
-- needs: nextId, keepLastId from jobs/ids
-- needs: count from jobs/line-counts
-- needs: follow from definitions/owned only: owned
-- needs: NEXT_EXPIRY from jobs/expiries
-- needs: duplicateOf, keepUnique from jobs/uniques only: unique
-- needs: waiting from jobs/after only: limits
-- needs: limits from limits/limits only: limits
-- needs: settingsOf from queues/settings
-- gives: takeJob, pushJob, pushJobs, skipJobs
local putJobs, putBodies, putIds = listOf('HSET', key.jobs), listOf('HSET', key.bodies), listOf('ZADD', key.ids)
local knownSpecs = {}
-- Instead of an id: its queue takes none.
local notTaken = 'x'

-- `now 0`, `delay 5000` or `at 1700000000000`; then what the record keeps for good (format/record-new.lua).
local function readSpec(text)
  local start, time, fixed, lane, queue, priority, owner = string.match(text, '^(%S+) (%S+) (([^/]+/([^/]+)/%d) (%S+) %S+ (%S+))$')
  local spec = {
    start = start,
    time = tonumber(time),
    fixed = fixed,
    lane = lane,
    owner = owner,
    queue = queue,
    ready = listOf('ZADD', key.lane .. lane),
    -- The higher priority has the lower score.
    score = string.format('%d', -tonumber(priority)),
  }
  knownSpecs[text] = spec
  return spec
end

-- Answers the job's id; or that its queue takes none; or after an l how long its limit waits, and the key. With `anyway`, limits
-- only count it.
local function keepJob(text, body, anyway)
  local spec = knownSpecs[text] or readSpec(text)
  -- An earlier call of the batch may have closed it, or opened it.
  local settings = settingsOf(spec.queue)
  if settings and settings.isClosed then return notTaken end
  -- only: limits
  if limits.has() then
    local counts = limits.count({}, spec.lane, body)
    local wait, word
    if not anyway then wait, word = limits.refusing(counts) end
    if wait then return 'l' .. wait .. ':' .. word end
    limits.use(counts)
  end
  -- always
  local id, made = nextId()
  local due = spec.start == 'now' and 0 or spec.start == 'at' and spec.time or now + spec.time
  if due > now then
    local dueText = millisText(due)
    write('ZADD', key.due, dueText, id)
    addPair(putJobs, id, newText(SCHEDULED, spec.fixed, dueText))
    count(spec.lane, nil, SCHEDULED, 1)
  else
    -- Jobs that are made together have the same record.
    if spec.made ~= made then spec.made, spec.record = made, newText(QUEUED, spec.fixed, made) end
    addPair(spec.ready, spec.score, id)
    addPair(putJobs, id, spec.record)
    count(spec.lane, nil, QUEUED, 1)
  end
  addPair(putBodies, id, body)
  addPair(putIds, '0', id)
  moved('push', id)
  waitingChanged()
  -- only: owned
  if spec.owner ~= NONE then
    local class = classOf(QUEUED, spec.lane)
    follow(spec.owner, id, nil, class, factLine(id, NONE, class, NO_ERROR))
  end
  -- always
  return id
end

finishers[#finishers + 1] = keepLastId

-- Keys that this script has made.
local newKeys = {}

-- A job whose payload is long (p), which has an idempotency key (k), is unique (u), must begin before a time (b) or waits for others (a)
-- has more texts: the payload, the key's scope and digest, how long it is the only one and of which scope, the time, and those.
function takeJob()
  local extras, spec, body = take(), take(), take()
  if extras == '' then return spec, body end
  local payload = string.find(extras, 'p', 1, true) and take() or nil
  local scope = string.find(extras, 'k', 1, true) and take() or nil
  local digest = scope and take()
  local unique = string.find(extras, 'u', 1, true) and take() or nil
  local before = string.find(extras, 'b', 1, true) and take() or nil
  return spec, body, payload, scope, digest, unique, before, string.find(extras, 'a', 1, true) and take() or nil
end

-- only: expiries
-- Among those that must begin before a time: `at 1700000000000`, or `delay 5000` from now on.
local function keepExpiry(before, id)
  local kind, time = string.match(before, '^(%a+) (%S+)$')
  local due = millisText(kind == 'at' and tonumber(time) or now + time)
  call('ZADD', key.expiries, due, id)
  call('ZADD', key.due, 'LT', due, NEXT_EXPIRY)
end
-- always

-- Answers what keepJob does, and after a colon for how many others it waits, if for any; after an r, the id that its key had made; after
-- a c, that of another job under its key; after a d, that of the unique job that there is, and, if its id does not tell it, after a colon
-- when that was made.
-- After an a, the id of a job that is not there and for which it would wait.
function pushJob(spec, body, payload, scope, digest, unique, before, after, anyway)
  local known = scope and (newKeys[scope] or call('HGET', key.keys, scope))
  if known then
    local id, knownDigest = string.match(known, '^(%d+) (.*)$')
    -- One that was damaged says nothing any more.
    if id then return (knownDigest == digest and 'r' or 'c') .. id end
  end
  -- only: unique
  local there = unique and duplicateOf(unique)
  if there then
    -- One that came in may have been made at another time than its id says.
    local created = string.match(call('HGET', key.bodies, there) or '', CREATED_PART)
    return 'd' .. there .. (created and ':' .. created or '')
  end
  -- only: limits
  local others = after and waiting.lookAt(after, body)
  if others and others.dangling and not anyway then return 'a' .. others.dangling end
  -- always
  local id = keepJob(spec, body, anyway)
  if not string.find(id, '^%d') then return id end
  -- only: limits
  local left = others and #others.left or 0
  if left > 0 then waiting.begin(id, others) end
  -- always
  -- only: unique
  if unique then keepUnique(unique, id) end
  -- only: expiries
  if before then keepExpiry(before, id) end
  -- always
  if payload then write('HSET', key.texts, id .. 'p', payload) end
  if scope then
    newKeys[scope] = id .. ' ' .. digest
    write('HSET', key.keys, scope, newKeys[scope])
    write('ZADD', key.keyTimes, nowText, scope)
  end
  -- only: limits
  if left > 0 then return id .. ':' .. string.format('%d', left) end
  -- always
  return id
end

-- Takes any jobs and keeps them; answers what became of each.
function pushJobs()
  local pushed = {}
  for i = 1, takeNumber() do pushed[i] = pushJob(takeJob()) end
  return table.concat(pushed, ' ')
end

-- Takes the same, and keeps none.
function skipJobs()
  for _ = 1, takeNumber() do takeJob() end
end

-- With a specification it is one job that has nothing special.
verbs['jobs.push'] = function(spec)
  if spec == '' then return pushJobs() end
  return keepJob(spec, take())
end
