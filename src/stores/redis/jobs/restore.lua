-- The jobs' part of upkeep.restore: jobs come in as they were elsewhere, with their earlier attempts.
-- needs: parseRecord from format/record
-- needs: none from format/words
-- needs: take, takeNumber, takeList from frame/tape
-- needs: write from frame/writes
-- needs: moved from journal/moved
-- needs: passMillis from jobs/ids
-- needs: recordOf, noteNew from jobs/records
-- needs: load from jobs/texts
-- gives: restoreJob

local function takeTextOrNone()
  local text = take()
  return text ~= none and text or nil
end

-- 1: it is kept; 0: there is a job of this id already.
function restoreJob()
  local id, made, text, body = take(), takeNumber(), take(), take()
  local payload, result, output, attempts = takeTextOrNone(), takeTextOrNone(), takeTextOrNone(), takeList()
  load({ id })
  if recordOf(id) then return 0 end
  noteNew(id, parseRecord(text), result, output)
  write('HSET', key.bodies, id, body)
  write('ZADD', key.ids, '0', id)
  if payload then write('HSET', key.texts, id .. 'p', payload) end
  for _, attempt in ipairs(attempts) do write('RPUSH', key.attempts .. id, attempt) end
  passMillis(made)
  moved('push', id)
  return 1
end
