-- The jobs' part of a scrub: records and the indexes that they stand in, then counts (scrub-counts.lua).
-- needs: classOf from format/facts
-- needs: HOLD_PARTS, HOLDER from format/record
-- needs: isHeld, deadlineOf, indexOf, scoreOf from format/record-facts
-- needs: parkedFor from format/record-facts only: limits
-- needs: QUEUED, SUCCEEDED, FAILED, CANCELED from format/states
-- needs: NONE from format/words
-- needs: repair, scanPiece, checkEach, checks from frame/checks
-- needs: call, nowText from frame/time
-- needs: applyAll from jobs/apply-all
-- needs: setAside from jobs/aside
-- needs: NEXT_EXPIRY, setNextExpiry from jobs/expiries
-- needs: holdsAny from jobs/holds
-- needs: recordOf from jobs/records
-- needs: checkCounts from jobs/scrub-counts
-- needs: checkEnded, checkEndings from jobs/scrub-ended
-- needs: checkUniques, checkUniqueScopes from jobs/scrub-uniques
-- needs: checkWaits, checkWaitsOf from jobs/scrub-waits only: limits
-- needs: load from jobs/texts
-- needs: countHeld from limits/change only: limits
-- needs: held from limits/held only: limits

-- only: limits
-- The key for which a job waits is among those that are looked at, and how many run under it is counted.
local function checkParked(record)
  local word = parkedFor(record)
  if not word then return end
  local isMissing = call('HSETNX', key.parkedKeys, word, '1') == 1
  if not held.isCounted() then
    held.begin(countHeld())
    isMissing = true
  end
  if isMissing then repair('parked') end
end
-- always

local function checkWaiting(id, record)
  -- only: limits
  checkParked(record)
  -- always
  local index, score = indexOf(record), scoreOf(record)
  -- only: limits
  if not index then return checkWaitsOf(id, record) end
  -- always
  local known = call('ZSCORE', index, id)
  if known and tonumber(known) == tonumber(score) then return end
  call('ZADD', index, score, id)
  repair(record.state == QUEUED and 'ready' or 'due')
end

local function checkHeld(id, record)
  local holder, operation = string.match(record.hold, HOLD_PARTS)
  local entry = call('HGET', key.claims .. holder, operation)
  if not entry or not string.find(entry, id, 1, true) then
    call('HSET', key.claims .. holder, operation, entry and entry .. ' ' .. id or id)
    repair('held')
  end
  if record.deadline == NONE or call('ZSCORE', key.deadlines, id) then return end
  call('ZADD', key.deadlines, record.deadline, id)
  repair('deadlines')
end

local function isOrphan(record)
  return isHeld(record) and record.deadline == NONE and call('HEXISTS', key.nodes, string.match(record.hold, HOLDER)) == 0
end

local function checkOwned(id, record)
  local index, class = key.owned .. record.owner, classOf(record.state, record.lane)
  if tonumber(call('ZSCORE', index, id)) == class then return end
  call('ZADD', index, class, id)
  repair('owned')
end

local function checkRecord(id, movesOf)
  local record = recordOf(id)
  if not record then
    if setAside(id, 'its%20words%20make%20no%20record') then repair('unreadable') end
    return
  end
  if not call('ZSCORE', key.ids, id) then
    call('ZADD', key.ids, 0, id)
    repair('ids')
  end
  local check = isHeld(record) and checkHeld or record.ended ~= NONE and checkEnded or checkWaiting
  check(id, record)
  if record.owner ~= NONE then checkOwned(id, record) end
  if isOrphan(record) then repair('orphans', applyAll({ id }, movesOf)) end
end

-- A record takes about as long as this many entries.
local recordWeight = 4

checks[#checks + 1] = function(cursor, limit, movesOf)
  local ids = {}
  local function addId(id) ids[#ids + 1] = id end
  local after, checked = scanPiece('HSCAN', key.jobs, cursor, math.ceil(limit / recordWeight), addId)
  load(ids)
  for _, id in ipairs(ids) do checkRecord(id, movesOf) end
  return after, checked
end

-- Entries of an index that no record puts there.
local function checkIndex(kind, name, cursor, limit, belongs)
  local ids = {}
  local after, checked = scanPiece('ZSCAN', name, cursor, limit, function(id)
    if id ~= NEXT_EXPIRY then ids[#ids + 1] = id end
  end)
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
  return function(record) return indexOf(record) == name end
end

checks[#checks + 1] = function(cursor, limit)
  return checkIndex('ids', key.ids, cursor, limit, function() return true end)
end

checks[#checks + 1] = function(cursor, limit)
  return checkIndex('due', key.due, cursor, limit, standsIn(key.due))
end

-- Those of jobs that have begun stand until their time has come.
checks[#checks + 1] = function(cursor, limit)
  local after, checked = checkIndex('expiries', key.expiries, cursor, limit, function() return true end)
  -- It may be that of a job that is gone, but no later than the first.
  local first, known = call('ZRANGE', key.expiries, 0, 0, 'WITHSCORES')[2], call('ZSCORE', key.due, NEXT_EXPIRY)
  if first and not (known and tonumber(known) <= tonumber(first)) then repair('expiries') end
  setNextExpiry()
  return after, checked
end

checks[#checks + 1] = function(cursor, limit)
  return checkIndex('deadlines', key.deadlines, cursor, limit, function(record) return deadlineOf(record) ~= NONE end)
end

for _, state in ipairs({ SUCCEEDED, FAILED, CANCELED }) do
  checks[#checks + 1] = function(cursor, limit) return checkEndings(state, cursor, limit) end
end

-- Claims that nobody holds any more.
checks[#checks + 1] = function(cursor, limit)
  return scanPiece('HSCAN', key.left, cursor, limit, function(hold)
    local holder, operation = string.match(hold, HOLD_PARTS)
    if holder and holdsAny(holder, operation) then return end
    call('HDEL', key.left, hold)
    if holder then call('HDEL', key.claims .. holder, operation) end
    repair('claims')
  end)
end

checks[#checks + 1] = function(cursor, limit)
  local lanes = {}
  for _, line in ipairs(call('HKEYS', key.counts)) do
    lanes[#lanes + 1] = line .. '/0'
    lanes[#lanes + 1] = line .. '/1'
  end
  return checkEach(lanes, cursor, limit, function(lane, inside)
    local name = key.lane .. lane
    return checkIndex('ready', name, inside, limit, standsIn(name))
  end)
end

checks[#checks + 1] = checkCounts

-- Fields of a hash that belong to no job. Few at once: they have their texts with them.
local fieldsAtOnce = 100

local function checkFields(kind, name, cursor, limit, alsoGoes)
  local ids = {}
  local after, checked = scanPiece('HSCAN', name, cursor, math.min(limit, fieldsAtOnce), function(id) ids[#ids + 1] = id end)
  load(ids)
  for _, id in ipairs(ids) do
    if not recordOf(id) then
      call('HDEL', name, id)
      if alsoGoes then alsoGoes(id) end
      repair(kind)
    end
  end
  return after, checked
end

checks[#checks + 1] = function(cursor, limit)
  return checkFields('bodies', key.bodies, cursor, limit)
end

checks[#checks + 1] = function(cursor, limit)
  return checkFields('results', key.results, cursor, limit)
end

checks[#checks + 1] = function(cursor, limit)
  return checkFields('logs', key.logs, cursor, limit, function(id) call('UNLINK', key.lines .. id) end)
end

-- Every idempotency key is forgotten some day; one that was damaged, at once.
checks[#checks + 1] = function(cursor, limit)
  return scanPiece('HSCAN', key.keys, cursor, limit, function(scope, known)
    if not string.find(known, '^%d+ ') then
      call('HDEL', key.keys, scope)
      call('ZREM', key.keyTimes, scope)
      return repair('keys')
    end
    if call('ZSCORE', key.keyTimes, scope) then return end
    call('ZADD', key.keyTimes, nowText, scope)
    repair('keys')
  end)
end
checks[#checks + 1] = checkUniques
checks[#checks + 1] = checkUniqueScopes
-- only: limits
checks[#checks + 1] = checkWaits
-- always
