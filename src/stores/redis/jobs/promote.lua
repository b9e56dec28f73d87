-- jobs.promote: due jobs become ready, and parked ones whose key has room.
-- needs: verbs from frame/tape
-- needs: waiting from jobs/after only: limits
-- needs: promote from jobs/promotion
-- needs: parking from limits/parking only: limits

verbs['jobs.promote'] = function(limit)
  local total = 0
  -- only: limits
  total = total + waiting.tellEnds()
  -- always
  total = total + promote(limit)
  -- only: limits
  total = total + parking.letIn()
  -- always
  return total
end
