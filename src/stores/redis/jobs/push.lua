-- jobs.push: keeps jobs. What Node says of each is a specification, which many jobs share, and its body (push.ts).
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
-- needs: count from jobs/lines
-- needs: follow from definitions/owned only: owned
-- gives: takeJob, pushJob, pushJobs, skipJobs
local putJobs, putBodies, putIds = listOf('HSET', key.jobs), listOf('HSET', key.bodies), listOf('ZADD', key.ids)
local knownSpecs = {}

-- `now 0`, `delay 5000` or `at 1700000000000`; then what the record keeps for good (format/record-new.lua).
local function readSpec(text)
  local start, time, fixed, lane, priority, owner = string.match(text, '^(%S+) (%S+) ((%S+) (%S+) %S+ (%S+))$')
  local spec = {
    start = start,
    time = tonumber(time),
    fixed = fixed,
    lane = lane,
    owner = owner,
    ready = listOf('ZADD', key.lane .. lane),
    -- The higher priority has the lower score.
    score = string.format('%d', -tonumber(priority)),
  }
  knownSpecs[text] = spec
  return spec
end

-- Answers the job's id.
local function keepJob(text, body)
  local spec = knownSpecs[text] or readSpec(text)
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

-- A job whose payload is long (p) or which has an idempotency key (k) has more texts: the payload, the key's scope and digest.
function takeJob()
  local extras, spec, body = take(), take(), take()
  if extras == '' then return spec, body end
  local payload = string.find(extras, 'p', 1, true) and take() or nil
  local scope = string.find(extras, 'k', 1, true) and take() or nil
  return spec, body, payload, scope, scope and take()
end

-- Answers its id; after an r, the one that its key had made; after a c, that of another job under its key.
function pushJob(spec, body, payload, scope, digest)
  local known = scope and (newKeys[scope] or call('HGET', key.keys, scope))
  if known then
    local id, knownDigest = string.match(known, '^(%d+) (.*)$')
    -- One that was damaged says nothing any more.
    if id then return (knownDigest == digest and 'r' or 'c') .. id end
  end
  local id = keepJob(spec, body)
  if payload then write('HSET', key.texts, id .. 'p', payload) end
  if scope then
    newKeys[scope] = id .. ' ' .. digest
    write('HSET', key.keys, scope, newKeys[scope])
    write('ZADD', key.keyTimes, nowText, scope)
  end
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
