-- The part of ended jobs of a scrub: they and the indexes of their states say the same.
-- needs: idsIn from format/ids
-- needs: millisText from format/millis
-- needs: scanPiece, repair from frame/checks
-- needs: call from frame/time
-- needs: endedIn from jobs/ended-jobs
-- gives: checkEnded, checkEndings

-- By index and time, those that stand there: any number may have ended in one millisecond.
local endedThen = {}

local function endedAt(index, time)
  local known = endedThen[index .. time]
  if known then return known end
  local ids = {}
  for _, entry in ipairs(call('ZRANGEBYSCORE', index, time, time)) do
    for _, id in ipairs(idsIn(entry)) do ids[id] = true end
  end
  endedThen[index .. time] = ids
  return ids
end

-- Of a record that says that it has ended.
function checkEnded(id, record)
  local index, time = key.ended .. record.state, record.ended
  if endedAt(index, time)[id] then return end
  call('ZADD', index, time, id)
  repair('ended')
end

-- Entries that say nothing any more; each has many.
function checkEndings(state, cursor, limit)
  local index = key.ended .. state
  return scanPiece('ZSCAN', index, cursor, math.ceil(limit / 100), function(entry, time)
    if #endedIn(entry, state, millisText(tonumber(time))) == 0 then call('ZREM', index, entry) end
  end)
end
