-- extend: another deadline for an attempt of a holder that is no node.

function verbs.extend()
  local id, fence = takeTarget()
  local record, ttl = findHeld(id, fence), takeNumber()
  if not record or record[DEADLINE] == none then return 'lost' end
  touch(id, record)
  record[DEADLINE] = millisText(now + ttl)
  return record[STATE] == STOPPING and 'stopping' or 'extended'
end
