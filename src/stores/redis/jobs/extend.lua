-- jobs.extend: another deadline for an attempt of a holder that is no node.
-- needs: millisText from format/millis
-- needs: STOPPING from format/states
-- needs: NONE from format/words
-- needs: verbs from frame/tape
-- needs: now from frame/time
-- needs: findHeld, touch from jobs/records
-- needs: takeTarget from jobs/targets

verbs['jobs.extend'] = function(ttl)
  local id, fence = takeTarget()
  local record = findHeld(id, fence)
  if not record or record.deadline == NONE then return 'lost' end
  touch(id, record)
  record.deadline = millisText(now + ttl)
  return record.state == STOPPING and 'stopping' or 'extended'
end
