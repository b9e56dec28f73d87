-- claim: attempts of ready jobs begin.

-- At most so many due jobs are promoted before a claim, so that a claim stays short after a long sleep.
local promotedByClaim = 1000

local function takeWant()
  local want = { worker = take(), slots = takeNumber() }
  local named = takeNumber()
  if named >= 0 then
    want.queues = {}
    for _ = 1, named do want.queues[take()] = true end
  end
  return want
end

local function takeClaim()
  local claim = { operation = take(), holder = take(), ttl = takeNumber(), wants = {}, begun = {} }
  for i = 1, takeNumber() do claim.wants[i] = takeWant() end
  return claim
end

-- A holder that is no node has a deadline instead of a lease.
local function mayBegin(claim)
  if claim.ttl then return true end
  local node = call('HGET', key.nodes, claim.holder)
  return node and find(node, '^active ')
end

-- A job that has never been claimed, and any other that waits.
local freshStart = QUEUED .. ' 0 0 - - - - - - 0 '
local queuedPattern = '^' .. QUEUED .. ' (%d) (%d+) %- %- %- %- %- %- (%d+) (.+)$'

-- The text of a ready job as it begins; nil when it is not ready. `held` are its start, hold and deadline.
local function beginText(text, held)
  if sub(text, 1, #freshStart) == freshStart then
    return RUNNING .. ' 0 ' .. microsText .. ' - - ' .. held .. ' 1 ' .. sub(text, #freshStart + 1)
  end
  local result, last, attempt, rest = match(text, queuedPattern)
  if not result then return nil end
  return RUNNING .. ' ' .. result .. ' ' .. nextFence(last) .. ' - - ' .. held .. ' ' .. form('%d', attempt + 1) .. ' ' .. rest
end

-- Begins attempts of jobs that have been taken out of their lanes, and appends them to `shown`.
local function begin(claim, ids, shown)
  local deadline = claim.ttl and millisText(now + claim.ttl) or none
  local held = nowText .. ' ' .. claim.holder .. ' ' .. claim.operation .. ' ' .. deadline
  local queued = ask('HMGET', key.jobs, ids)
  local begun, begunTexts, total = {}, {}, 0
  for i = 1, #ids do
    local id = ids[i]
    local text = beginText(queued[i] or '', held)
    if text then
      total = total + 1
      begun[total], begunTexts[total] = id, text
      claim.begun[#claim.begun + 1] = id
      addPair(putJobs, id, text)
      if claim.ttl then write('ZADD', key.deadlines, deadline, id) end
      forget(id)
      moved('claim', id)
    end
  end
  noteOthers()
  showTexts(shown, begun, begunTexts, true)
end

local function sooner(a, b)
  return a and b and min(a, b) or a or b
end

local function nextDue()
  local first = call('ZRANGE', key.due, 0, 0, 'WITHSCORES')
  return first[2] and tonumber(first[2]) - now
end

-- When a rate limit lets one of the lines go that still have ready jobs.
local function nextTokenFor(want)
  local wait
  for _, queue in ipairs(call('ZRANGE', key.row .. want.worker, 0, rowPiece - 1)) do
    if isAsked(want, queue) then wait = sooner(wait, nextToken(queue)) end
  end
  return wait
end

local function serve(claim, shown)
  local wait
  for _, want in ipairs(claim.wants) do
    local ids = want.slots > 0 and popReady(want) or {}
    if #ids > 0 then begin(claim, ids, shown) end
    flush()
    if #ids < want.slots then wait = sooner(wait, nextTokenFor(want)) end
  end
  if #claim.begun > 0 then openClaim(claim, claim.begun) end
  return wait
end

-- Answers how long until more may be ready, '' when nobody knows, and the jobs.
function verbs.claim()
  local claim = takeClaim()
  promote(promotedByClaim)
  local wait = nextDue()
  local shown = { '' }
  local started = startedBy(claim)
  if #started > 0 then
    showJobs(shown, idsOf(started), true)
  elseif mayBegin(claim) then
    wait = sooner(wait, serve(claim, shown))
  end
  if wait then shown[1] = form('%.0f', max(0, math.ceil(wait))) end
  return shown
end
