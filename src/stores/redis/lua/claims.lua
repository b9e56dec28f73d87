-- Who holds what. Each claim has one entry, however many jobs it has begun: their ids, under its operation, in the hash of
-- its holder. Which of them it still holds is said by their records; how many is counted, and the entry goes with the last.
-- gives: openClaim, startedBy, heldBy, idsOf

function openClaim(claim, ids)
  call('HSET', key.claims .. claim.holder, claim.operation, concat(ids, ' '))
  call('HSET', key.open, claim.holder .. ' ' .. claim.operation, #ids)
end

local left = {}

-- One job of this claim is no longer held.
function leaveHold(hold)
  left[hold] = (left[hold] or 0) + 1
end

function keepClaims()
  if not next(left) then return end
  for hold, jobs in pairs(left) do
    if call('HINCRBY', key.open, hold, -jobs) <= 0 then
      local holder, operation = match(hold, '^(%S+) (%S+)$')
      call('HDEL', key.open, hold)
      call('HDEL', key.claims .. holder, operation)
    end
  end
  left = {}
end

local function addHeld(held, hold, operation, entry)
  local ids = {}
  for id in string.gmatch(entry, '%d+') do ids[#ids + 1] = id end
  load(ids)
  for _, id in ipairs(ids) do
    local record = recordOf(id)
    if record and isHeld(record) and record[HOLD] == hold then
      held[#held + 1] = { id = id, fence = record[FENCE], operation = operation }
    end
  end
end

local function sorted(held)
  table.sort(held, function(a, b) return a.id < b.id end)
  return held
end

-- The attempts that a claim has begun and that are still held, by id.
function startedBy(claim)
  local held = {}
  local entry = call('HGET', key.claims .. claim.holder, claim.operation)
  if entry then addHeld(held, claim.holder .. ' ' .. claim.operation, claim.operation, entry) end
  return sorted(held)
end

-- The attempts of a holder, by id.
function heldBy(holder)
  flush()
  local held = {}
  local entries = call('HGETALL', key.claims .. holder)
  for i = 1, #entries, 2 do addHeld(held, holder .. ' ' .. entries[i], entries[i], entries[i + 1]) end
  return sorted(held)
end

function idsOf(held)
  local ids = {}
  for i, attempt in ipairs(held) do ids[i] = attempt.id end
  return ids
end
