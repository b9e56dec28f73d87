-- The counts of lines and queues, compared with records and lanes.
-- needs: READY_COUNT, RUNNING_COUNT, STOPPING_COUNT, MANUAL_COUNT, FIRST_COUNT, parseCounts, formatCounts from format/counts
-- needs: idsIn from format/ids
-- needs: parseRecord from format/record
-- needs: parkedFor from format/record-facts only: limits
-- needs: repair from frame/checks
-- needs: call from frame/time
-- needs: ask, flush from frame/writes
-- needs: LINE_PARTS, lineOf, countsOf, keepCounts, standInRow from jobs/line-counts
-- gives: checkCounts

local function setCounts(line, counts, wanted)
  local wrong = 0
  for i = 1, MANUAL_COUNT do
    if wanted[i] then
      wrong = wrong + math.abs(counts[i] - wanted[i])
      counts[i] = wanted[i]
    end
  end
  if wrong == 0 then return end
  repair('counts', wrong)
  call('HSET', key.counts, line, formatCounts(counts))
end

-- Whether a line stands in its worker's row says whether it has ready jobs.
local function checkRow(line, ready)
  local worker, queue = string.match(line, LINE_PARTS)
  local stands = call('ZSCORE', key.row .. worker, queue)
  if (ready > 0) == (stands and true or false) then return end
  standInRow(line, ready > 0)
  repair('rows')
end

-- The records of all that holders hold, which their slots keep few; and of some that they held before.
local function recordsOfHolders()
  local ids, seen = {}, {}
  local function add(entry)
    for _, id in ipairs(idsIn(entry)) do
      if not seen[id] then seen[id], ids[#ids + 1] = true, id end
    end
  end
  for _, nodes in ipairs({ key.nodes, key.gone }) do
    for _, holder in ipairs(call('HKEYS', nodes)) do
      for _, entry in ipairs(call('HVALS', key.claims .. holder)) do add(entry) end
    end
  end
  for _, id in ipairs(call('ZRANGE', key.deadlines, 0, -1)) do add(id) end
  return ask('HMGET', key.jobs, ids)
end

-- How many jobs of each line are in which state. How many are ready is known from the lanes as well, and how many are held
-- from the holders; the other states are counted where that is soon done.
local function recount(limit)
  local found, isWhole = {}, call('HLEN', key.jobs) <= limit
  for _, text in ipairs(isWhole and call('HVALS', key.jobs) or recordsOfHolders()) do
    local record = text and parseRecord(text)
    if record then
      local line, place = lineOf(record.lane), record.state + FIRST_COUNT
      found[line] = found[line] or parseCounts(nil)
      found[line][place] = found[line][place] + 1
    end
  end
  return found, isWhole
end

-- How many jobs of each lane wait parked: they are counted as ready, and stand in no lane. nil: that is not soon done.
local function countParked(limit)
  local lanes = {}
  -- only: limits
  local words, total = call('HKEYS', key.parkedKeys), 0
  for _, word in ipairs(words) do
    total = total + 1 + call('ZCARD', key.parked .. word)
    if total > 2 * limit then return nil end
  end
  for _, word in ipairs(words) do
    for _, text in ipairs(ask('HMGET', key.jobs, call('ZRANGE', key.parked .. word, 0, -1))) do
      local record = text and parseRecord(text)
      if record and parkedFor(record) == word then lanes[record.lane] = (lanes[record.lane] or 0) + 1 end
    end
  end
  -- always
  return lanes
end

local function checkBusy(found)
  local held = {}
  for line, counts in pairs(found) do
    local _, queue = string.match(line, LINE_PARTS)
    held[queue] = (held[queue] or 0) + counts[RUNNING_COUNT] + counts[STOPPING_COUNT]
  end
  local known = call('HGETALL', key.busy)
  for i = 1, #known, 2 do held[known[i]] = held[known[i]] or 0 end
  for queue, jobs in pairs(held) do
    if tonumber(call('HGET', key.busy, queue) or 0) ~= jobs then
      if jobs == 0 then call('HDEL', key.busy, queue) else call('HSET', key.busy, queue, jobs) end
      repair('counts')
    end
  end
end

function checkCounts(_, _, _, limit)
  -- What was repaired before is counted first.
  flush()
  keepCounts()
  flush()
  local found, isWhole = recount(limit)
  local parked = countParked(limit)
  local names, isNamed = {}, {}
  for _, line in ipairs(call('HKEYS', key.counts)) do
    isNamed[line] = true
    if string.find(line, LINE_PARTS) then
      names[#names + 1] = line
    else
      call('HDEL', key.counts, line)
      repair('counts')
    end
  end
  for line in pairs(found) do
    if not isNamed[line] then names[#names + 1] = line end
  end
  for i, counts in ipairs(countsOf(names)) do
    local line = names[i]
    local manual = call('ZCARD', key.lane .. line .. '/1')
    local ready = call('ZCARD', key.lane .. line .. '/0') + manual
    if parked then
      local byHand = parked[line .. '/1'] or 0
      manual, ready = manual + byHand, ready + byHand + (parked[line .. '/0'] or 0)
    else
      manual, ready = math.max(manual, counts[MANUAL_COUNT]), math.max(ready, counts[READY_COUNT])
    end
    local states = found[line] or parseCounts(nil)
    local wanted = isWhole and states
      or { [READY_COUNT] = ready, [RUNNING_COUNT] = states[RUNNING_COUNT], [STOPPING_COUNT] = states[STOPPING_COUNT] }
    wanted[MANUAL_COUNT] = manual
    setCounts(line, counts, wanted)
    checkRow(line, ready)
  end
  checkBusy(found)
  flush()
  return nil, #names
end
