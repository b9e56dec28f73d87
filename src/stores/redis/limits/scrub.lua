-- The limits' part of a scrub: those that make none, buckets that were damaged, and buckets that are full again.
-- needs: scanPiece, checkEach, repair, checks from frame/checks
-- needs: call, now from frame/time
-- needs: setAsideLimit from limits/aside
-- needs: flush, ask from frame/writes
-- needs: parseRecord from format/record
-- needs: parkedFor from format/record-facts
-- needs: countHeld from limits/change
-- needs: held from limits/held
-- needs: parseLimit from limits/settings

-- As core/limit.ts has it.
local bucketsKeptFor = 172800000

checks[#checks + 1] = function(cursor, limit)
  local broken = {}
  local after, checked = scanPiece('HSCAN', key.limits, cursor, limit, function(name, text)
    if not parseLimit(text) then broken[#broken + 1] = name end
  end)
  for _, name in ipairs(broken) do
    if setAsideLimit(name, 'its%20words%20make%20no%20limit') then repair('unreadable') end
  end
  return after, checked
end

checks[#checks + 1] = function(cursor, limit)
  return scanPiece('HSCAN', key.limitBuckets, cursor, limit, function(word, text)
    local at = string.match(text, '^%-?[%d.]+[e%d+-]* (%d+)$')
    if at and now - tonumber(at) <= bucketsKeptFor then return end
    call('HDEL', key.limitBuckets, word)
    if not at then repair('limits') end
  end)
end

-- How many jobs run under each key, as their records say.
checks[#checks + 1] = function()
  if not held.isCounted() then return nil, 0 end
  -- With what this script has done itself.
  flush()
  held.keep()
  local counts, wrong = countHeld(), 0
  local known = call('HGETALL', key.heldUnder)
  local seen = {}
  for i = 1, #known, 2 do
    seen[known[i]] = true
    if tonumber(known[i + 1]) ~= counts[known[i]] then wrong = wrong + 1 end
  end
  for word in pairs(counts) do
    if not seen[word] then wrong = wrong + 1 end
  end
  if wrong > 0 then
    held.begin(counts)
    repair('limits', wrong)
  end
  return nil, #known / 2
end

-- Jobs that wait parked: each stands under its key. All of them may have room.
checks[#checks + 1] = function(cursor, limit)
  if not held.isCounted() then return nil, 0 end
  flush()
  return checkEach(call('HKEYS', key.parkedKeys), cursor, limit, function(word, inside)
    local name, ids = key.parked .. word, {}
    local after, checked = scanPiece('ZSCAN', name, inside, limit, function(id) ids[#ids + 1] = id end)
    for i, text in ipairs(ask('HMGET', key.jobs, ids)) do
      local record = text and parseRecord(text)
      if not record or parkedFor(record) ~= word then
        call('ZREM', name, ids[i])
        repair('parked')
      end
    end
    call('HSET', key.roomy, word, '1')
    return after, checked
  end)
end
