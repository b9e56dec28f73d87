-- What holders hold, as their claims and the records of these jobs say together (claim-entry.lua).
-- needs: HELD_PARTS from format/record
-- needs: call from frame/time
-- needs: ask, flush from frame/writes
-- gives: heldBy, holdsAny, digestOf, idsOf

-- Ids and operations of what a holder's claims have begun; `entries`: an operation and its ids each.
local function begunBy(entries)
  local ids, operations, n = {}, {}, 0
  for i = 1, #entries, 2 do
    for id in string.gmatch(entries[i + 1], '%d+') do
      n = n + 1
      ids[n], operations[n] = id, entries[i]
    end
  end
  return ids, operations
end

-- The attempts of these that are still held.
local function heldIn(holder, entries)
  local held, ids, operations = {}, begunBy(entries)
  for i, text in ipairs(ask('HMGET', key.jobs, ids)) do
    local fence, hold = string.match(text or '', HELD_PARTS)
    if hold == holder .. ' ' .. operations[i] then held[#held + 1] = { id = ids[i], fence = fence, operation = operations[i] } end
  end
  return held
end

-- The attempts of a holder, by id.
function heldBy(holder)
  flush()
  local held = heldIn(holder, call('HGETALL', key.claims .. holder))
  table.sort(held, function(a, b) return a.id < b.id end)
  return held
end

-- Whether anything is held that a claim has begun.
function holdsAny(holder, operation)
  flush()
  local entry = call('HGET', key.claims .. holder, operation)
  return entry and #heldIn(holder, { operation, entry }) > 0
end

-- Digits of ids and fences that a digest looks at.
local tail = 9

-- In short, what a holder holds (core/node.ts digestOf).
function digestOf(holder)
  flush()
  local ids, operations = begunBy(call('HGETALL', key.claims .. holder))
  local total, idSum, fenceSum = 0, 0, 0
  -- Jobs that began together often have one text.
  local before, hold, fenceTail, operation, wanted = nil, nil, 0, nil, nil
  for i, text in ipairs(ask('HMGET', key.jobs, ids)) do
    if text ~= before then
      local fence
      before = text
      fence, hold = string.match(text or '', HELD_PARTS)
      fenceTail = fence and string.sub(fence, -tail) + 0
    end
    if operations[i] ~= operation then
      operation = operations[i]
      wanted = holder .. ' ' .. operation
    end
    if hold == wanted then
      total, idSum, fenceSum = total + 1, idSum + string.sub(ids[i], -tail), fenceSum + fenceTail
    end
  end
  return string.format('%d:%.0f:%.0f', total, idSum, fenceSum)
end

function idsOf(attempts)
  local ids = {}
  for i, attempt in ipairs(attempts) do ids[i] = attempt.id end
  return ids
end
