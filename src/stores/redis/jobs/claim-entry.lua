-- Who holds what. Each claim has one entry, however many jobs it has begun: a list of their ids, under its operation, in the
-- hash of its holder. Which of them it still holds is said by their records; how many it has left is counted, and the entry
-- goes with the last.
-- needs: ID_LENGTH from format/ids
-- needs: call from frame/time
-- gives: leaveClaim

-- These many more jobs of the claim are no longer held.
function leaveClaim(holder, operation, entry, jobs)
  local begun = (#entry + 1) / (ID_LENGTH + 1)
  if begun > 1 then
    local hold = holder .. ' ' .. operation
    if begun > jobs then jobs = call('HINCRBY', key.left, hold, jobs) end
    if jobs < begun then return end
    call('HDEL', key.left, hold)
  end
  call('HDEL', key.claims .. holder, operation)
end
