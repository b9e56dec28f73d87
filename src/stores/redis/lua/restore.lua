-- restore: jobs come in as they were elsewhere, with their earlier attempts.

-- All further ids are greater than one of these milliseconds.
local function passMillis(passed)
  if millis and millis <= passed then millis, sequence = passed, 4095 end
  if tonumber(call('HGET', key.meta, 'floor') or 0) < passed then
    call('HSET', key.meta, 'floor', form('%.0f', passed))
  end
end

local function takeTextOrNone()
  local text = take()
  return text ~= none and text or nil
end

-- 1: it is kept; 0: there is a job of this id already.
local function restoreOne()
  local id, made, text, body = take(), takeNumber(), take(), take()
  local payload, result, output, attempts = takeTextOrNone(), takeTextOrNone(), takeTextOrNone(), takeList()
  load({ id })
  if records[id] then return 0 end
  local record = parse(text)
  record.isChanged, record.wasDeadline, record.result, record.output = true, none, result, output
  records[id] = record
  changed[#changed + 1] = id
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
