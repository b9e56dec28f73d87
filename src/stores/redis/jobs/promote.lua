-- jobs.promote: due jobs become ready, and parked ones whose key has room.
-- needs: verbs from frame/tape
-- needs: promote from jobs/promotion
-- needs: parking from limits/parking only: limits

verbs['jobs.promote'] = function(limit)
  local total = promote(limit)
  -- only: limits
  total = total + parking.letIn()
  -- always
  return total
end
