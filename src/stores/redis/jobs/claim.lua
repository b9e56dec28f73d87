-- jobs.claim: attempts of ready jobs begin.
-- needs: nextFence from format/fence
-- needs: idsIn from format/ids
-- needs: millisText from format/millis
-- needs: HELD_PARTS, parseRecord, formatRecord from format/record
-- needs: fresh, freshLength, beginning from format/record-begun
-- needs: QUEUED, RUNNING from format/states
-- needs: NONE from format/words
-- needs: take, takeNumber, verbs from frame/tape
-- needs: call, micros, now, nowText from frame/time
-- needs: write, flush from frame/writes
-- needs: moved from journal/moved
-- needs: held from limits/held only: limits
-- needs: parking from limits/parking only: limits
-- needs: giveBack, nextToken from queues/limits
-- needs: waiting from jobs/after only: limits
-- needs: promote, nextDue from jobs/promotion
-- needs: PIECE_LENGTH, readPiece, popReady from jobs/share
-- needs: showTexts, showJobs from jobs/show
-- needs: load, rewrite, texts from jobs/texts
-- needs: ACTIVE from nodes/node

-- At most this many due jobs are promoted before a claim, so that a claim stays short after a long sleep.
local promotedByClaim = 1000

-- As core/limit.ts has it.
local parkedAtOnce = 250

local function takeClaim(operation)
  local claim = { operation = operation, holder = take(), ttl = takeNumber(), wants = {}, begun = {} }
  claim.hold = claim.holder .. ' ' .. claim.operation
  for i = 1, takeNumber() do
    local want = { worker = take(), slots = takeNumber() }
    local named = takeNumber()
    if named >= 0 then want.queues = {} end
    for _ = 1, named do want.queues[take()] = true end
    claim.wants[i] = want
  end
  return claim
end

-- What the claim has begun before and is still held, by id.
local function startedBy(claim)
  local entry = call('HGET', key.claims .. claim.holder, claim.operation)
  if not entry then return {} end
  -- Earlier calls of this batch may have begun or ended some of them.
  flush()
  entry = call('HGET', key.claims .. claim.holder, claim.operation)
  local ids, held = idsIn(entry or ''), {}
  load(ids)
  for _, id in ipairs(ids) do
    local _, hold = string.match(texts[id] or '', HELD_PARTS)
    if hold == claim.hold then held[#held + 1] = id end
  end
  table.sort(held)
  return held
end

-- The text of a job that was claimed before, as its next attempt begins; nil: it is not ready.
local function beginAgain(text, claim, deadline, clock)
  local record = string.sub(text, 1, 1) == QUEUED and parseRecord(text)
  if not record then return nil end
  record.state, record.fence, record.attempt = RUNNING, nextFence(record.fence, clock), record.attempt + 1
  record.started, record.hold, record.deadline = nowText, claim.hold, deadline
  return formatRecord(record)
end

-- Begins attempts of jobs that have been popped out of their lanes, and appends them to `shown`; or parks those whose key is full.
-- Answers how many of these.
local function begin(claim, popped, shown)
  local ids, parked = popped, {}
  -- only: limits
  if held.isCounted() then ids, parked = parking.parkOrHold(popped) end
  -- They took nothing of what their queues let through.
  for _, lane in ipairs(parked) do giveBack(string.match(lane, '/([^/]+)/')) end
  -- always
  local deadline, clock = claim.ttl and millisText(now + claim.ttl) or NONE, string.format('%.0f', micros)
  local common = beginning(clock, nowText, claim.hold, deadline)
  local begun, records = {}, {}
  -- Jobs that were pushed together have the same text.
  local before, text = nil, nil
  load(ids)
  for i = 1, #ids do
    local id = ids[i]
    local found = texts[id] or ''
    if found ~= before then
      local isFresh = string.sub(found, 1, freshLength) == fresh
      before = found
      text = isFresh and common .. string.sub(found, freshLength + 1) or beginAgain(found, claim, deadline, clock)
    end
    if text then
      begun[#begun + 1], records[#records + 1] = id, text
      claim.begun[#claim.begun + 1] = id
      rewrite(id, text)
      if claim.ttl then write('ZADD', key.deadlines, deadline, id) end
      moved('claim', id)
    end
  end
  showTexts(shown, begun, records, true)
  return #parked
end

local function sooner(a, b)
  return a and b and math.min(a, b) or a or b
end

-- Answers when a rate limit lets one of the lines go that still have ready jobs.
local function nextOf(want)
  local wait, from, more = nil, 0, true
  while more and wait ~= 0 do
    local lines, length = readPiece(want, from)
    for _, line in ipairs(lines) do
      if line.ready > 0 then wait = sooner(wait, nextToken(line.queue)) end
    end
    from, more = from + length, length == PIECE_LENGTH
  end
  return wait
end

-- Answers what is the soonest of these.
local function serve(claim, shown)
  local wait
  for _, want in ipairs(claim.wants) do
    local parked, before = 0, -1
    while want.slots > 0 and parked > before and parked < parkedAtOnce do
      before = parked
      local ids = popReady(want)
      local aside = #ids > 0 and begin(claim, ids, shown) or 0
      want.slots, parked = want.slots - #ids + aside, parked + aside
    end
    if want.slots > 0 then wait = sooner(wait, nextOf(want)) end
    -- only: limits
    -- What stood before others is parked now: another claim finds more.
    if want.slots > 0 and parked > 0 and (parked >= parkedAtOnce or parking.hasRoom()) then wait = 0 end
    -- always
  end
  if #claim.begun > 0 then
    call('HSET', key.claims .. claim.holder, claim.operation, table.concat(claim.begun, ' '))
  end
  return wait
end

-- Answers how long until more may be ready, '' when nobody knows, and the jobs.
verbs['jobs.claim'] = function(operation)
  local claim, shown = takeClaim(operation), { '' }
  -- only: limits
  waiting.tellEnds()
  -- always
  local wait, isBehind = nextDue(), false
  if wait and wait <= 0 then
    local _
    _, isBehind = promote(promotedByClaim)
    wait = nextDue()
  end
  -- only: limits
  parking.letIn()
  wait = waiting.hasUntold() and 0 or sooner(wait, parking.resumesIn())
  -- always
  local started = startedBy(claim)
  if #started > 0 then
    showJobs(shown, started, true)
  -- A holder that is no node has a deadline instead of a lease.
  elseif isBehind then
    wait = 0
  elseif claim.ttl or string.find(call('HGET', key.nodes, claim.holder) or '', ACTIVE) then
    wait = sooner(wait, serve(claim, shown))
  end
  if wait then shown[1] = string.format('%.0f', math.max(0, math.ceil(wait))) end
  return shown
end
