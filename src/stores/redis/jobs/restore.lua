-- jobs.restore: jobs come in as they were elsewhere, with their earlier attempts.
-- needs: CREATED_PART from format/body
-- needs: factLine, classOf, LIVE from format/facts
-- needs: parseRecord from format/record
-- needs: waitingFor from format/record-facts only: limits
-- needs: NO_ERROR from format/result
-- needs: NONE from format/words
-- needs: take, takeNumber, takeList, verbs from frame/tape
-- needs: write, flush from frame/writes
-- needs: moved from journal/moved
-- needs: passMillis from jobs/ids
-- needs: waiting from jobs/after only: limits
-- needs: recordOf, noteNew from jobs/records
-- needs: load from jobs/texts
-- needs: neverBegan, setNextExpiry from jobs/expiries
-- needs: duplicateOf, keepUnique from jobs/uniques
-- needs: follow, errorIn from definitions/owned

local isAnyExpiry = false

local function takeTextOrNone()
  local text = take()
  return text ~= NONE and text or nil
end

-- 1: it is kept; 0: there is a job of this id already.
local function restoreOne()
  local id, made, text, body = take(), takeNumber(), take(), take()
  local payload, result, output, attempts = takeTextOrNone(), takeTextOrNone(), takeTextOrNone(), takeList()
  local unique, pushedAt, before, after = takeTextOrNone(), take(), takeTextOrNone(), takeTextOrNone()
  load({ id })
  if recordOf(id) then return 0 end
  local record = parseRecord(text)
  -- only: limits
  if waitingFor(record) then waiting.beginAgain(id, record, after, body) end
  -- always
  noteNew(id, record, result, output)
  write('HSET', key.bodies, id, body)
  write('ZADD', key.ids, '0', id)
  if payload then write('HSET', key.texts, id .. 'p', payload) end
  for _, attempt in ipairs(attempts) do write('RPUSH', key.attempts .. id, attempt) end
  if unique and not duplicateOf(unique) then keepUnique(unique, id, pushedAt) end
  if before and neverBegan(record) then
    write('ZADD', key.expiries, before, id)
    isAnyExpiry = true
  end
  passMillis(made)
  moved('push', id)
  if record.owner ~= NONE then
    local class = classOf(record.state, record.lane)
    local at = class > LIVE and record.ended or string.match(body, CREATED_PART) or NONE
    follow(record.owner, id, nil, class, factLine(id, at, class, class > LIVE and errorIn(result) or NO_ERROR))
  end
  return 1
end

verbs['jobs.restore'] = function(copies)
  local restored = {}
  for i = 1, copies do restored[i] = restoreOne() end
  if isAnyExpiry then
    flush()
    setNextExpiry()
  end
  return restored
end
