-- scrub: the indexes are compared with the records, which are the truth. One look after the other, each in pieces; a cursor
-- says in which look it is and how far.
local repaired = {}

local function repair(kind, number)
  repaired[kind] = (repaired[kind] or 0) + (number or 1)
end

-- Calls `each` with the two elements of every pair of one piece. Answers the next cursor of the scan, nil at its end, and
-- how many there were.
local function scan(command, name, cursor, limit, each)
  local found = call(command, name, cursor, 'COUNT', limit)
  local pairs = found[2]
  for i = 1, #pairs, 2 do each(pairs[i], pairs[i + 1]) end
  return found[1] ~= '0' and found[1] or nil, #pairs / 2
end

local function checkWaiting(id, record)
  local index, score = placeOf(record)
  local known = call('ZSCORE', index, id)
  if known and tonumber(known) == tonumber(score) then return end
  call('ZADD', index, score, id)
  repair(record[STATE] == QUEUED and 'ready' or 'due')
end

local function checkHeld(id, record)
  local holder, operation = string.match(record[HOLD], '^(%S+) (%S+)$')
  local entry = call('HGET', key.claims .. holder, operation)
  if not entry or not string.find(entry, id, 1, true) then
    call('HSET', key.claims .. holder, operation, entry and entry .. ' ' .. id or id)
    repair('held')
  end
  if record[DEADLINE] == none or call('ZSCORE', key.deadlines, id) then return end
  call('ZADD', key.deadlines, record[DEADLINE], id)
  repair('deadlines')
end

local function checkEnded(id, record)
  local index, time = key.ended .. record[STATE], record[ENDED]
  for _, entry in ipairs(call('ZRANGEBYSCORE', index, time, time)) do
    if string.find(entry, id, 1, true) then return end
  end
  call('ZADD', index, time, id)
  repair('ended')
end

local function isOrphan(record)
  return isHeld(record) and record[DEADLINE] == none and call('HEXISTS', key.nodes, holderOf(record)) == 0
end

local function checkRecord(id, movesOf)
  local record = recordOf(id)
  if not record then return end
  if not call('ZSCORE', key.ids, id) then
    call('ZADD', key.ids, 0, id)
    repair('ids')
  end
  local check = isHeld(record) and checkHeld or record[ENDED] ~= none and checkEnded or checkWaiting
  check(id, record)
  if isOrphan(record) then repair('orphans', takeBack({ id }, movesOf)) end
end

local looks = {}

-- A record takes about as long as so many entries.
local recordWeight = 4

looks[1] = function(cursor, limit, movesOf)
  local ids = {}
  local after, checked = scan('HSCAN', key.jobs, cursor, math.ceil(limit / recordWeight), function(id) ids[#ids + 1] = id end)
  load(ids)
  for _, id in ipairs(ids) do checkRecord(id, movesOf) end
  return after, checked
end

-- Entries of an index that no record puts there.
local function checkIndex(kind, name, cursor, limit, belongs)
  local ids = {}
  local after, checked = scan('ZSCAN', name, cursor, limit, function(id) ids[#ids + 1] = id end)
  load(ids)
  for _, id in ipairs(ids) do
    local record = recordOf(id)
    if not record or not belongs(record) then
      call('ZREM', name, id)
      repair(kind)
    end
  end
  return after, checked
end

local function standsIn(name)
  return function(record) return placeOf(record) == name end
end

looks[2] = function(cursor, limit)
  return checkIndex('ids', key.ids, cursor, limit, function() return true end)
end

looks[3] = function(cursor, limit)
  return checkIndex('due', key.due, cursor, limit, standsIn(key.due))
end

looks[4] = function(cursor, limit)
  return checkIndex('deadlines', key.deadlines, cursor, limit, function(record) return deadlineOf(record) ~= none end)
end

-- Entries of ended jobs that say nothing any more; each has many.
for i, state in ipairs({ SUCCEEDED, FAILED, CANCELED }) do
  looks[4 + i] = function(cursor, limit)
    local index = key.ended .. state
    return scan('ZSCAN', index, cursor, math.ceil(limit / 100), function(entry, time)
      if #endedIn(entry, state, millisText(tonumber(time))) == 0 then call('ZREM', index, entry) end
    end)
  end
end

-- Claims that nobody holds any more.
looks[8] = function(cursor, limit)
  return scan('HSCAN', key.left, cursor, limit, function(hold)
    local holder, operation = string.match(hold, '^(%S+) (%S+)$')
    if #heldByClaim(holder, operation) > 0 then return end
    call('HDEL', key.left, hold)
    call('HDEL', key.claims .. holder, operation)
    repair('claims')
  end)
end

-- All lanes in the order of their names; a cursor names the lane and how far it goes in it.
looks[9] = function(cursor, limit)
  local lanes = {}
  for _, line in ipairs(call('HKEYS', key.counts)) do
    lanes[#lanes + 1] = line .. '/0'
    lanes[#lanes + 1] = line .. '/1'
  end
  table.sort(lanes)
  local current, inside = string.match(cursor, '^(%S+) (%d+)$')
  local checked = 0
  for i, lane in ipairs(lanes) do
    if not current or lane >= current then
      local name = key.lane .. lane
      local after, looked = checkIndex('ready', name, lane == current and inside or '0', limit, standsIn(name))
      checked = checked + looked + 1
      if after then return lane .. ' ' .. after, checked end
      if checked >= limit and lanes[i + 1] then return lanes[i + 1] .. ' 0', checked end
    end
  end
  return nil, checked
end

local function setCounts(line, counts, wanted)
  local wrong = 0
  for i = 1, 8 do
    if wanted[i] then
      wrong = wrong + math.abs(counts[i] - wanted[i])
      counts[i] = wanted[i]
    end
  end
  if wrong == 0 then return end
  repair('counts', wrong)
  call('HSET', key.counts, line, table.concat(counts, ' '))
end

-- Whether a line stands in its worker's row says whether it has ready jobs.
local function checkRow(line, ready)
  local worker, queue = string.match(line, '^([^/]+)/([^/]+)$')
  local stands = call('ZSCORE', key.row .. worker, queue)
  if (ready > 0) == (stands and true or false) then return end
  standInRow(worker, queue, ready > 0)
  repair('rows')
end

-- The records of all that holders hold, which their slots keep few; and of some that they held before.
local function recordsOfHolders()
  local ids, seen = {}, {}
  local function add(entry)
    for id in string.gmatch(entry, '%d+') do
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
    if text then
      local record = parse(text)
      local line = string.sub(record[LANE], 1, -3)
      found[line] = found[line] or { 0, 0, 0, 0, 0, 0, 0 }
      found[line][record[STATE] + 1] = found[line][record[STATE] + 1] + 1
    end
  end
  return found, isWhole
end

local function checkBusy(found)
  local busy = {}
  for line, counts in pairs(found) do
    local queue = string.match(line, '/([^/]+)$')
    busy[queue] = (busy[queue] or 0) + counts[3] + counts[4]
  end
  local known = call('HGETALL', key.busy)
  for i = 1, #known, 2 do busy[known[i]] = busy[known[i]] or 0 end
  for queue, held in pairs(busy) do
    if tonumber(call('HGET', key.busy, queue) or 0) ~= held then
      if held == 0 then call('HDEL', key.busy, queue) else call('HSET', key.busy, queue, held) end
      repair('counts')
    end
  end
end

looks[10] = function(_, limit)
  -- What was repaired before is counted first.
  flush()
  keepCounts()
  flush()
  local found, isWhole = recount(limit)
  local names, isNamed = call('HKEYS', key.counts), {}
  for _, line in ipairs(names) do isNamed[line] = true end
  for line in pairs(found) do
    if not isNamed[line] then names[#names + 1] = line end
  end
  for i, counts in ipairs(countsOf(names)) do
    local line = names[i]
    local manual = call('ZCARD', key.lane .. line .. '/1')
    local ready = call('ZCARD', key.lane .. line .. '/0') + manual
    local states = found[line] or { 0, 0, 0, 0, 0, 0, 0 }
    local wanted = isWhole and states or { [2] = ready, [3] = states[3], [4] = states[4] }
    wanted[8] = manual
    setCounts(line, counts, wanted)
    checkRow(line, ready)
  end
  checkBusy(found)
  flush()
  return nil, #names
end

-- Fields of a hash that belong to no job. Few at once: they have their texts with them.
local fieldsAtOnce = 100

local function checkFields(kind, name, cursor, limit)
  local ids = {}
  local after, checked = scan('HSCAN', name, cursor, math.min(limit, fieldsAtOnce), function(id) ids[#ids + 1] = id end)
  load(ids)
  for _, id in ipairs(ids) do
    if not recordOf(id) then
      call('HDEL', name, id)
      repair(kind)
    end
  end
  return after, checked
end

looks[11] = function(cursor, limit)
  return checkFields('bodies', key.bodies, cursor, limit)
end

looks[12] = function(cursor, limit)
  return checkFields('results', key.results, cursor, limit)
end

-- Every idempotency key is forgotten some day.
looks[13] = function(cursor, limit)
  return scan('HSCAN', key.keys, cursor, limit, function(scope)
    if call('ZSCORE', key.keyTimes, scope) then return end
    call('ZADD', key.keyTimes, nowText, scope)
    repair('keys')
  end)
end

-- Answers the cursor of the next step, '' at the end; how much was looked at; and what was repaired, by kind.
function verbs.scrub()
  flush()
  keepCounts()
  flush()
  local look, inside = string.match(take(), '^(%d+):(.+)$')
  local limit, movesOf = takeNumber(), takeLoseMoves()
  look = tonumber(look) or 1
  local cursor, total = inside or '0', 0
  while looks[look] and total < limit do
    local after, checked = looks[look](cursor, limit, movesOf)
    total = total + checked
    if not after then look = look + 1 end
    cursor = after or '0'
  end
  flush()
  local reply = { looks[look] and look .. ':' .. cursor or '', total }
  for kind, number in pairs(repaired) do
    reply[#reply + 1] = kind
    reply[#reply + 1] = number
  end
  return reply
end
