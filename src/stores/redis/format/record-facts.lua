-- What a record says of where its job stands.
-- needs: SCHEDULED, QUEUED, RUNNING, STOPPING from format/states
-- needs: NONE from format/words
-- gives: isHeld, parkedFor, waitingFor, deadlineOf, indexOf, scoreOf

function isHeld(record)
  local state = record.state
  return state == RUNNING or state == STOPPING
end

-- The key for which the job waits parked; nil: it is not.
function parkedFor(record)
  return record.state == QUEUED and record.reason ~= NONE and string.match(record.reason, '^limit%%20(.*)$') or nil
end

-- For how many others the job waits; nil: for none.
function waitingFor(record)
  if record.state ~= SCHEDULED or record.reason == NONE then return nil end
  return tonumber(string.match(record.reason, '^after%%20(%d+)%%20left$'))
end

function deadlineOf(record)
  return isHeld(record) and record.deadline or NONE
end

-- The index that a waiting job stands in; nil: another state, or it waits for others. Held jobs are found by their claims, ended ones
-- by the time of their end.
function indexOf(record)
  local state = record.state
  local parked = parkedFor(record)
  if parked then return key.parked .. parked end
  return state == QUEUED and key.lane .. record.lane or state == SCHEDULED and not waitingFor(record) and key.due or nil
end

-- Its score there: the higher priority has the lower one; of jobs that are parked, manual ones are before all others.
function scoreOf(record)
  if record.state ~= QUEUED then return record.due end
  local before = parkedFor(record) and string.sub(record.lane, -1) == '1' and 10000000 or 0
  return string.format('%d', -tonumber(record.priority) - before)
end
