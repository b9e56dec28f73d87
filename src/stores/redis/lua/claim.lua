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
  local claim = { operation = take(), holder = take(), ttl = takeNumber(), wants = {} }
  for i = 1, takeNumber() do claim.wants[i] = takeWant() end
  return claim
end

-- What the operation has started before and is still held, by id.
local function startedBy(claim)
  local first = claim.holder .. ' ' .. claim.operation
  local ids = {}
  for i, member in ipairs(redis.call('ZRANGEBYLEX', key.held, '[' .. first .. ' ', '(' .. first .. '!')) do
    ids[i] = string.match(member, '(%d+) %d+$')
  end
  return ids
end

-- A holder that is no node has a deadline instead of a lease.
local function mayBegin(claim)
  if claim.ttl then return true end
  local node = redis.call('HGET', key.nodes, claim.holder)
  return node and string.find(node, '^active ')
end

-- They have been taken out of their lanes: from here on they stand among the held ones.
local function begin(claim, ids)
  local deadline = claim.ttl and millisText(now + claim.ttl) or none
  load(ids)
  for _, id in ipairs(ids) do
    local record = records[id]
    if record and record[STATE] == QUEUED then
      touch(id, record)
      record.index = nil
      record[STATE] = RUNNING
      record[ATTEMPT] = record[ATTEMPT] + 1
      record[FENCE] = nextFence(record[FENCE])
      record[STARTED] = nowText
      record[HOLDER], record[OPERATION], record[DEADLINE] = claim.holder, claim.operation, deadline
      record.text = format(record)
      moved('claim', id)
    end
  end
end

local function showBegun(shown, ids)
  local there, texts = {}, {}
  for _, id in ipairs(ids) do
    if records[id] and records[id].text then
      there[#there + 1] = id
      texts[#texts + 1] = records[id].text
    end
  end
  return showTexts(shown, there, texts, true)
end

local function sooner(a, b)
  return a and b and math.min(a, b) or a or b
end

local function nextDue()
  local first = redis.call('ZRANGE', key.due, 0, 0, 'WITHSCORES')
  return first[2] and tonumber(first[2]) - now
end

-- When a rate limit lets one of the lines go that still have ready jobs.
local function nextTokenFor(want)
  local wait
  for _, queue in ipairs(redis.call('ZRANGE', key.row .. want.worker, 0, rowPiece - 1)) do
    if isAsked(want, queue) then wait = sooner(wait, nextToken(queue)) end
  end
  return wait
end

local function serve(claim, shown)
  local wait
  for _, want in ipairs(claim.wants) do
    local ids = want.slots > 0 and popReady(want) or {}
    begin(claim, ids)
    showBegun(shown, ids)
    flush()
    if #ids < want.slots then wait = sooner(wait, nextTokenFor(want)) end
  end
  return wait
end

-- Answers how long until more may be ready, '' when nobody knows, and the jobs.
function verbs.claim()
  local claim = takeClaim()
  promote(promotedByClaim)
  local wait = nextDue()
  local shown = { '' }
  local started = startedBy(claim)
  if #started > 0 then showJobs(shown, started, true)
  elseif mayBegin(claim) then wait = sooner(wait, serve(claim, shown)) end
  if wait then shown[1] = string.format('%.0f', math.max(0, math.ceil(wait))) end
  return shown
end
