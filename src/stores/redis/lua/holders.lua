-- What claims and holders hold.
-- gives: heldByClaim, heldBy, idsOf

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

-- The attempts that a claim has begun and that are still held.
function heldByClaim(holder, operation)
  local held = {}
  local entry = call('HGET', key.claims .. holder, operation)
  if entry then addHeld(held, holder .. ' ' .. operation, operation, entry) end
  return held
end

-- The attempts of a holder, by id.
function heldBy(holder)
  flush()
  local held = {}
  local entries = call('HGETALL', key.claims .. holder)
  for i = 1, #entries, 2 do addHeld(held, holder .. ' ' .. entries[i], entries[i], entries[i + 1]) end
  table.sort(held, function(a, b) return a.id < b.id end)
  return held
end

function idsOf(held)
  local ids = {}
  for i, attempt in ipairs(held) do ids[i] = attempt.id end
  return ids
end
