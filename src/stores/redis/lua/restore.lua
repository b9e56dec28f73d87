-- restore: jobs come in as they were elsewhere, with their earlier attempts.

local function takeTextOrNone()
  local text = take()
  return text ~= none and text or nil
end

-- 1: it is kept; 0: there is a job of this id already.
local function restoreOne()
  local id, made, text, body = take(), takeNumber(), take(), take()
  local payload, result, output, attempts = takeTextOrNone(), takeTextOrNone(), takeTextOrNone(), takeList()
  load({ id })
  if recordOf(id) then return 0 end
  local record = parse(text)
  record.result, record.output = result, output
  keepNew(id, record)
  write('HSET', key.bodies, id, body)
  write('ZADD', key.ids, '0', id)
  if payload then write('HSET', key.texts, id .. 'p', payload) end
  for _, attempt in ipairs(attempts) do write('RPUSH', key.attempts .. id, attempt) end
  passMillis(made)
  moved('push', id)
  return 1
end

function verbs.restore()
  local restored = {}
  for i = 1, takeNumber() do restored[i] = restoreOne() end
  return restored
end
