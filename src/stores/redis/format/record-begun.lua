-- The record of a job whose first attempt begins, as a text (record.lua): what jobs that begin together have in common, and
-- what stood behind fresh.
-- needs: UNCLAIMED from format/record
-- needs: QUEUED, RUNNING from format/states
-- gives: fresh, freshLength, beginning

-- The record of a ready job that was never claimed begins with this.
fresh = QUEUED .. UNCLAIMED
freshLength = #fresh

function beginning(fence, started, hold, deadline)
  return RUNNING .. ' 0 ' .. fence .. ' - - ' .. started .. ' ' .. hold .. ' ' .. deadline .. ' 1 '
end
