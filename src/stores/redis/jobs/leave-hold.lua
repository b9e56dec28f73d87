-- Claims whose jobs are no longer held (claim-entry.lua): counted together.
-- needs: HOLD_PARTS from format/record
-- needs: call from frame/time
-- needs: collectors from frame/writes
-- needs: leaveClaim from jobs/claim-entry
-- gives: leaveHold
local left = {}

-- One job of this claim is no longer held.
function leaveHold(hold)
  left[hold] = (left[hold] or 0) + 1
end

collectors[#collectors + 1] = function()
  if not next(left) then return end
  for hold, jobs in pairs(left) do
    local holder, operation = string.match(hold, HOLD_PARTS)
    leaveClaim(holder, operation, call('HGET', key.claims .. holder, operation) or '', jobs)
  end
  left = {}
end
