-- push: keeps jobs. What Node says of each is a specification, which many jobs share, and its body.
-- gives: keepJob
local putJobs, putBodies, putIds = listOf('HSET', key.jobs), listOf('HSET', key.bodies), listOf('ZADD', key.ids)
local knownSpecs = {}
-- No result, no fence, no end, no reason, no start, no hold, no deadline, no attempt.
local unclaimed = ' 0 0 - - - - - - 0 '
-- The first run, no loss.
local firstRun = ' 1 0'

-- `now 0`, `delay 5000` or `at 1700000000000`; then the lane, the priority and what to do when its holder is lost.
local function readSpec(text)
  local start, time, lane, priority, onLost = string.match(text, '^(%S+) (%S+) (%S+) (%S+) (%S+)$')
  local spec = {
    start = start,
    time = tonumber(time),
    lane = lane,
    ready = listOf('ZADD', key.lane .. lane),
    -- The higher priority has the lower score.
    score = string.format('%d', -tonumber(priority)),
    before = unclaimed .. lane .. ' ' .. priority .. ' ' .. onLost .. ' ',
  }
  knownSpecs[text] = spec
  return spec
end

function keepJob(text, body)
  local spec = knownSpecs[text] or readSpec(text)
  local id, made = nextId(), madeAt()
  local due = spec.start == 'now' and 0 or spec.start == 'at' and spec.time or now + spec.time
  if due > now then
    local dueText = millisText(due)
    write('ZADD', key.due, dueText, id)
    addPair(putJobs, id, SCHEDULED .. spec.before .. dueText .. firstRun)
    count(spec.lane, nil, SCHEDULED, 1)
  else
    -- Jobs that are made together have the same record.
    if spec.made ~= made then spec.made, spec.record = made, QUEUED .. spec.before .. millisText(made) .. firstRun end
    addPair(spec.ready, spec.score, id)
    addPair(putJobs, id, spec.record)
    count(spec.lane, nil, QUEUED, 1)
  end
  addPair(putBodies, id, body)
  addPair(putIds, '0', id)
  moved('push', id)
  waitingChanged()
  return id
end

-- A job that is nothing special.
function verbs.push(spec)
  plainIds[#plainIds + 1] = keepJob(spec, take())
  return 0
end
