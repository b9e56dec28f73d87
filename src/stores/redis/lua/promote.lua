-- promote: due jobs become ready, due longest first. Answers how many.
-- gives: promote
function promote(limit)
  flush()
  local ids = call('ZRANGEBYSCORE', key.due, '-inf', nowText, 'LIMIT', 0, limit)
  if #ids == 0 then return 0 end
  load(ids)
  for _, id in ipairs(ids) do
    local record = recordOf(id)
    if record and record[STATE] == SCHEDULED then
      touch(id, record)
      record[STATE] = QUEUED
      moved('promote', id)
    else
      -- An entry without its record must not be in the way for ever.
      call('ZREM', key.due, id)
    end
  end
  flush()
  return #ids
end

function verbs.promote()
  return promote(take())
end
