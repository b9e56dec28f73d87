-- definitions.fire: each firing pushes the jobs of a definition that is due, and says when it is due next.
-- needs: bodyWith from format/body
-- needs: dueOf from format/definition
-- needs: movesIn from format/moves
-- needs: QUEUED, STOPPING from format/states
-- needs: NONE from format/words
-- needs: take, takeNumber, verbs from frame/tape
-- needs: now from frame/time
-- needs: firedNotes from journal/moved
-- needs: applyMove from jobs/apply
-- needs: takeJob, pushJob from jobs/push
-- needs: recordOf from jobs/records
-- needs: duplicateOf from jobs/uniques only: unique
-- needs: load from jobs/texts
-- needs: newVersion, clear, dropWindow from definitions/change
-- needs: liveJobs from definitions/owned
-- needs: loadDefinitions, definitionOf, touchDefinition from definitions/table
-- needs: partsOf from definitions/window-parts
-- needs: limits from limits/limits only: limits
-- needs: settingsOf from queues/settings

-- As core/window.ts has them.
local putOffFor, replacedAtOnce = 10000, 1000

local function takeFiring()
  local firing = {
    word = take(), version = take(), tick = take(), next = take(), state = take(), overlap = take(), note = take(), known = take(),
    jobs = {},
  }
  if take() == '1' then
    firing.before, firing.after = take(), take()
    firing.body = { take(), take(), take() }
  end
  for i = 1, takeNumber() do firing.jobs[i] = { takeJob() } end
  return firing
end

-- Whether earlier jobs keep a firing from pushing (core/window.ts isInTheWay).
local function isInTheWay(overlap, live)
  if overlap == 'skip' then return #live > 0 end
  if overlap ~= 'one' then return false end
  load(live)
  for _, id in ipairs(live) do
    local record = recordOf(id)
    if record and record.state <= QUEUED then return true end
  end
  return false
end

-- What becomes of the window (core/window.ts windowAfter).
local function goOnWindow(d, firing, overlap)
  if d.openedAt == NONE then return end
  if firing.before then
    if overlap then d.closesAt = NONE else dropWindow(firing.word, d) end
  elseif d.closesAt ~= NONE and tonumber(d.closesAt) <= tonumber(firing.tick) then
    d.closesAt = firing.next
  end
end

local function goOn(d, firing, overlap)
  local word = firing.word
  touchDefinition(word, d)
  d.state, d.firedAt = firing.state, firing.tick
  if firing.next == 'removed' then
    clear(word, d)
    newVersion(word, d)
  else
    d.due = firing.next
    goOnWindow(d, firing, overlap)
  end
end

-- The earlier jobs end if they wait, and are told to stop if they run. Answers whether none is left that is not.
local function replaces(owner, moves)
  local going, from = {}, 0
  repeat
    local live = liveJobs(owner, from, replacedAtOnce)
    load(live)
    for _, id in ipairs(live) do
      local record = recordOf(id)
      if record and record.state ~= STOPPING then going[#going + 1] = id end
    end
    from = from + replacedAtOnce
  until #live < replacedAtOnce or #going > replacedAtOnce
  table.sort(going)
  for i = 1, math.min(#going, replacedAtOnce) do
    local record = recordOf(going[i])
    local move = moves[record.state]
    if move then applyMove(going[i], record, move) end
  end
  return #going <= replacedAtOnce
end

-- What its line in the journal says, as a word (core/window.ts collectedNote).
local function noteOf(firing, count, dropped)
  if not firing.before then return firing.note end
  return firing.note .. count .. (dropped == '0' and '' or ',%20' .. dropped .. '%20did%20not%20fit')
end

-- Why its jobs are not taken together, as the word of a note (core/window.ts putOffNotes); nil: they are.
local function refusalOf(firing)
  -- only: limits
  local counts = {}
  -- always
  for _, job in ipairs(firing.jobs) do
    local lane, queue = string.match(job[1], '^%S+ %S+ ([^/]+/([^/]+)/%d) ')
    local settings = settingsOf(queue)
    if settings and settings.isClosed then return 'put%20off%20since%20its%20queue%20is%20closed' end
    -- only: limits
    if limits.has() then limits.count(counts, lane, job[2]) end
    -- always
  end
  -- only: limits
  if next(counts) and limits.refusing(counts) then return 'put%20off%20since%20a%20limit%20is%20reached' end
  -- only: unique
  -- What a window has gathered goes into a job of its own, so it waits until there may be another one.
  for _, job in ipairs(firing.before and firing.jobs or {}) do
    if job[6] and duplicateOf(job[6]) then return 'put%20off%20since%20its%20job%20is%20there%20already' end
  end
  -- always
end

-- What is due later (core/window.ts putOff).
local function putOff(d, firing)
  local tick = tonumber(firing.tick)
  local later = string.format('%.0f', math.max(now, tick) + putOffFor)
  touchDefinition(firing.word, d)
  if d.due ~= NONE and tonumber(d.due) <= tick then d.due = later end
  if d.closesAt ~= NONE and tonumber(d.closesAt) <= tick then d.closesAt = later end
end

local function noteFired(firing, how, note)
  firedNotes[#firedNotes + 1] = firing.word .. ' ' .. firing.version .. ' ' .. firing.tick .. ' ' .. how .. ' ' .. note
end

-- As core/unique.ts has it.
local function withDuplicates(note, count)
  if count == 0 then return note end
  return (note == NONE and '' or note .. ';%20') .. count .. '%20not%20pushed:%20there%20is%20one%20already'
end

-- As core/window.ts has it.
local function cancelsEarlier(firing)
  return firing.overlap == 'cancel' or (firing.overlap == 'replace' and #firing.jobs > 0)
end

-- Answers the ids of the jobs, `overlap`, `replacing`, `lost`, or `putOff` with the word of why.
local function fire(firing, cancelMoves)
  local word = firing.word
  local d = definitionOf(word)
  local isDue = d and d.size ~= NONE and d.version == firing.version and dueOf(d) == tonumber(firing.tick)
  if not isDue then return 'lost' end
  local refusal = refusalOf(firing)
  if refusal then
    putOff(d, firing)
    if refusal ~= firing.known then noteFired(firing, 'off', refusal) end
    return 'putOff ' .. refusal
  end
  local pushes = #firing.jobs > 0
  local live = pushes and (firing.overlap == 'skip' or firing.overlap == 'one') and liveJobs(word) or {}
  local overlap = isInTheWay(firing.overlap, live)
  local collected = firing.before and not overlap and d.openedAt ~= NONE and partsOf(word) or {}
  local closesAt, count, dropped = d.closesAt, d.count, d.dropped
  if d.openedAt == NONE then count, dropped = '0', '0' end
  if cancelsEarlier(firing) and not replaces(word, cancelMoves) then return 'replacing' end
  -- Ends that it causes itself wake nobody.
  d.closesAt = closesAt
  goOn(d, firing, overlap)
  if overlap then
    noteFired(firing, 1, noteOf(firing, count, dropped))
    return 'overlap'
  end
  local ids, there = {}, 0
  for i, job in ipairs(firing.jobs) do
    local spec, body, payload, scope, digest, unique, before = unpack(job, 1, 7)
    if i == 1 and firing.before then
      payload = firing.before .. table.concat(collected, ',') .. firing.after
      body = firing.body[1] .. count .. firing.body[2] .. dropped .. firing.body[3]
      body, payload = bodyWith(body, payload)
    end
    local pushed = pushJob(spec, body, payload, scope, digest, unique, before, job[8], true)
    local kind, id = string.match(pushed, '^(%a?)(%d+)')
    if kind == 'd' then there = there + 1 else ids[#ids + 1] = id end
  end
  noteFired(firing, 0, withDuplicates(noteOf(firing, count, dropped), there))
  return table.concat(ids, ' ')
end

-- Answers what became of each.
verbs['definitions.fire'] = function(total)
  local cancelMoves, firings, words = movesIn(take()), {}, {}
  for i = 1, total do
    firings[i] = takeFiring()
    words[i] = firings[i].word
  end
  loadDefinitions(words)
  local fired = {}
  for i = 1, total do fired[i] = fire(firings[i], cancelMoves) end
  return fired
end
