-- Limits are others now: more may run than before, and from the first one on that bounds how many run, that is counted.
-- needs: idsIn from format/ids
-- needs: HELD_PARTS, parseRecord from format/record
-- needs: hintReady from frame/hints
-- needs: call from frame/time
-- needs: ask, flush from frame/writes
-- needs: held from limits/held
-- needs: limits from limits/limits
-- gives: changeLimits, countHeld

-- The ids of all that holders hold, which their slots keep few; and of some that they held before.
local function heldIds()
  local ids, seen = {}, {}
  local function add(id)
    if not seen[id] then seen[id], ids[#ids + 1] = true, id end
  end
  for _, nodes in ipairs({ key.nodes, key.gone }) do
    for _, holder in ipairs(call('HKEYS', nodes)) do
      for _, entry in ipairs(call('HVALS', key.claims .. holder)) do
        for _, id in ipairs(idsIn(entry)) do add(id) end
      end
    end
  end
  for _, id in ipairs(call('ZRANGE', key.deadlines, 0, -1)) do add(id) end
  return ids
end

-- Bodies may be long: no more of them than this are held at once.
local bodiesAtOnce = 64

-- Adds these to how many jobs run under each key.
local function countThese(counts, ids)
  local bodies = ask('HMGET', key.bodies, ids)
  for i, text in ipairs(ask('HMGET', key.jobs, ids)) do
    local record = text and string.find(text, HELD_PARTS) and parseRecord(text)
    if record and bodies[i] then limits.count(counts, record.lane, bodies[i]) end
  end
end

-- By key, how many jobs run, as their records say.
function countHeld()
  flush()
  local ids, counts = heldIds(), {}
  for from = 1, #ids, bodiesAtOnce do
    countThese(counts, { unpack(ids, from, math.min(from + bodiesAtOnce - 1, #ids)) })
  end
  return counts
end

-- What stands there now.
function changeLimits(name, limit)
  limits.forget()
  if limit.pausedUntil then
    call('ZADD', key.resumes, string.format('%.0f', limit.pausedUntil), name)
  else
    call('ZREM', key.resumes, name)
  end
  if (limit.concurrency or limit.pausedUntil) and not held.isCounted() then held.begin(countHeld()) end
  held.allMayHaveRoom()
  held.endUnlessAsked()
  hintReady('', true)
end
