-- jobs.list: what pages of jobs are read with (list.ts).
-- needs: FIRST_COUNT, parseCounts from format/counts
-- needs: idsIn from format/ids
-- needs: SCHEDULED, QUEUED, RUNNING, STOPPING from format/states
-- needs: take, takeNumber, takeList, verbs from frame/tape
-- needs: call from frame/time
-- needs: ask from frame/writes
-- needs: showJobs from jobs/show

-- No more bytes than this at once, so that no call holds Redis long; and in pieces of this many jobs.
local pageBytes, pagePiece = 1048576, 50

-- The jobs without their long texts until there are enough bytes. Answers where to go on.
local function showPage(shown, ids, to)
  local bytes = 0
  for from = 1, to, pagePiece do
    if bytes > pageBytes then return ids[from] end
    local piece, before = {}, #shown
    for i = from, math.min(from + pagePiece - 1, to) do piece[#piece + 1] = ids[i] end
    showJobs(shown, piece, false)
    for i = before + 1, #shown do bytes = bytes + #(shown[i] or '') end
  end
  return ids[to + 1]
end

local parts = {}

-- Jobs in the order of their ids. Answers the first id behind the page, '' when there is none, and the jobs.
function parts.page()
  local order, from, number = take(), take(), takeNumber()
  local ids
  if order == 'oldest' then ids = call('ZRANGEBYLEX', key.ids, from, '(:', 'LIMIT', 0, number + 1)
  else ids = call('ZREVRANGEBYLEX', key.ids, from, '[0', 'LIMIT', 0, number + 1) end
  local shown = { '' }
  shown[1] = showPage(shown, ids, math.min(number, #ids)) or ''
  return shown
end

-- The same of these ids, in their order.
function parts.these()
  local ids = takeList()
  local shown = { '' }
  shown[1] = showPage(shown, ids, #ids) or ''
  return shown
end

-- Long payloads and outputs.
function parts.texts()
  return ask('HMGET', key.texts, takeList())
end

-- The ids of all jobs of these owners; false when there are more than the limit.
function parts.owned()
  local limit, ids = takeNumber(), {}
  for _, owner in ipairs(takeList()) do
    if call('ZCARD', key.owned .. owner) > limit - #ids then return false end
    for _, id in ipairs(call('ZRANGE', key.owned .. owner, 0, -1)) do ids[#ids + 1] = id end
  end
  return ids
end

-- How many jobs are in one of these states.
local function countIn(states)
  local total = 0
  for _, text in ipairs(call('HVALS', key.counts)) do
    local counts = parseCounts(text)
    for state in string.gmatch(states, '%d') do total = total + counts[state + FIRST_COUNT] end
  end
  return total
end

-- Entries of one or more ids.
local function addIds(ids, entries)
  for _, entry in ipairs(entries) do
    for _, id in ipairs(idsIn(entry)) do ids[#ids + 1] = id end
  end
end

-- A holder is a node, or has a deadline.
local function collectHeld(ids)
  for _, incarnation in ipairs(call('HKEYS', key.nodes)) do addIds(ids, call('HVALS', key.claims .. incarnation)) end
  addIds(ids, call('ZRANGE', key.deadlines, 0, -1))
end

local function collectQueued(ids)
  for _, line in ipairs(call('HKEYS', key.counts)) do
    for _, lane in ipairs({ line .. '/0', line .. '/1' }) do
      addIds(ids, call('ZRANGE', key.lane .. lane, 0, -1))
    end
  end
  -- Those that are parked stand in no lane.
  for _, word in ipairs(call('HKEYS', key.parkedKeys)) do addIds(ids, call('ZRANGE', key.parked .. word, 0, -1)) end
end

-- The ids of all jobs in these states, and perhaps of others, in no order; false when there are more than the limit.
function parts.collect()
  local states, limit = take(), takeNumber()
  if countIn(states) > limit then return false end
  local ids = {}
  for state in string.gmatch(states, '%d') do
    if state == QUEUED then collectQueued(ids)
    elseif state == RUNNING or state == STOPPING then collectHeld(ids)
    else addIds(ids, call('ZRANGE', state == SCHEDULED and key.due or key.ended .. state, 0, -1)) end
    if state == SCHEDULED then addIds(ids, call('HKEYS', key.waits)) end
  end
  return ids
end

verbs['jobs.list'] = function(part)
  return parts[part]()
end
