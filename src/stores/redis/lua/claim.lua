-- claim: attempts of ready jobs begin.

-- At most so many due jobs are promoted before a claim, so that a claim stays short after a long sleep.
local promotedByClaim = 1000

local function takeClaim()
  local claim = { operation = take(), holder = take(), ttl = takeNumber(), wants = {}, begun = {} }
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
  local ids, held = {}, {}
  for id in string.gmatch(entry or '', '%d+') do ids[#ids + 1] = id end
  load(ids)
  for _, id in ipairs(ids) do
    local hold = string.match(texts[id] or '', '^[23] %d %d+ %S+ %S+ %S+ (%S+ %S+) ')
    if hold == claim.hold then held[#held + 1] = id end
  end
  table.sort(held)
  return held
end

-- A holder that is no node has a deadline instead of a lease.
local function mayBegin(claim)
  if claim.ttl then return true end
  local node = call('HGET', key.nodes, claim.holder)
  return node and string.find(node, '^active ')
end

-- A job that has never been claimed, and any other that waits.
local freshStart = QUEUED .. ' 0 0 - - - - - - 0 '
local queuedPattern = '^' .. QUEUED .. ' (%d) (%d+) %- %- %- %- %- %- (%d+) (.+)$'

-- The text of a ready job as it begins; nil when it is not ready. `held` are its start, hold and deadline.
local function beginText(text, held)
  if string.sub(text, 1, #freshStart) == freshStart then
    return RUNNING .. ' 0 ' .. microsText .. ' - - ' .. held .. ' 1 ' .. string.sub(text, #freshStart + 1)
  end
  local result, last, attempt, rest = string.match(text, queuedPattern)
  if not result then return nil end
  local fence, after = nextFence(last), string.format('%d', attempt + 1)
  return RUNNING .. ' ' .. result .. ' ' .. fence .. ' - - ' .. held .. ' ' .. after .. ' ' .. rest
end

-- Begins attempts of jobs that have been taken out of their lanes, and appends them to `shown`.
local function begin(claim, ids, shown)
  local deadline = claim.ttl and millisText(now + claim.ttl) or none
  local held = nowText .. ' ' .. claim.hold .. ' ' .. deadline
  local begun, records = {}, {}
  -- Jobs that were pushed together have the same text.
  local before, text = nil, nil
  load(ids)
  for i = 1, #ids do
    local id = ids[i]
    local found = texts[id] or ''
    if found ~= before then before, text = found, beginText(found, held) end
    if text then
      begun[#begun + 1], records[#records + 1] = id, text
      claim.begun[#claim.begun + 1] = id
      rewrite(id, text)
      if claim.ttl then write('ZADD', key.deadlines, deadline, id) end
      moved('claim', id)
    end
  end
  showTexts(shown, begun, records, true)
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
    from, more = from + length, length == pieceLength
  end
  return wait
end

-- Answers what is the soonest of these.
local function serve(claim, shown)
  local wait
  for _, want in ipairs(claim.wants) do
    local ids = want.slots > 0 and popReady(want) or {}
    if #ids > 0 then begin(claim, ids, shown) end
    if #ids < want.slots then wait = sooner(wait, nextOf(want)) end
  end
  if #claim.begun > 0 then
    call('HSET', key.claims .. claim.holder, claim.operation, table.concat(claim.begun, ' '))
  end
  return wait
end

-- Answers how long until more may be ready, '' when nobody knows, and the jobs.
function verbs.claim()
  local claim, shown = takeClaim(), { '' }
  local wait = nextDue()
  if wait and wait <= 0 then
    promote(promotedByClaim)
    wait = nextDue()
  end
  local started = startedBy(claim)
  if #started > 0 then
    showJobs(shown, started, true)
  elseif mayBegin(claim) then
    wait = sooner(wait, serve(claim, shown))
  end
  if wait then shown[1] = string.format('%.0f', math.max(0, math.ceil(wait))) end
  return shown
end
