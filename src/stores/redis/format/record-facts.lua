-- What a record says of where its job stands.
-- needs: SCHEDULED, QUEUED, RUNNING, STOPPING from format/states
-- needs: NONE from format/words
-- gives: isHeld, deadlineOf, indexOf, scoreOf

function isHeld(record)
  local state = record.state
  return state == RUNNING or state == STOPPING
end

function deadlineOf(record)
  return isHeld(record) and record.deadline or NONE
end

-- The index that a waiting job stands in; nil: another state. Held jobs are found by their claims, ended ones by the time
-- of their end.
function indexOf(record)
  local state = record.state
  return state == QUEUED and key.lane .. record.lane or state == SCHEDULED and key.due or nil
end

-- Its score there: the higher priority has the lower one.
function scoreOf(record)
  return record.state == QUEUED and string.format('%d', -tonumber(record.priority)) or record.due
end
