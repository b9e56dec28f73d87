-- Who holds what. Each claim has one entry, however many jobs it has begun: their ids, under its operation, in the hash of
-- its holder. Which of them it still holds is said by their records; how many it has left is counted, and the entry goes
-- with the last.
-- gives: leaveHold
local left = {}

-- One job of this claim is no longer held.
function leaveHold(hold)
  left[hold] = (left[hold] or 0) + 1
end

beforeFlush[#beforeFlush + 1] = function()
  if not next(left) then return end
  for hold, jobs in pairs(left) do
    local holder, operation = string.match(hold, '^(%S+) (%S+)$')
    local ids = call('HGET', key.claims .. holder, operation) or ''
    local begun = (#ids + 1) / 20
    if begun > jobs then jobs = call('HINCRBY', key.left, hold, jobs) end
    if jobs >= begun then
      if begun > 1 then call('HDEL', key.left, hold) end
      call('HDEL', key.claims .. holder, operation)
    end
  end
  left = {}
end
