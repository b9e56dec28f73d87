-- pushMany: keeps any jobs: several at once, with long payloads, with idempotency keys.
-- gives: pushMany, skipPushes

-- Keys that this script has made.
local newKeys = {}

-- A job whose payload is long (p), or which has an idempotency key (k). Answers its id; after an r, the one that its key
-- had made; after a c, that of another job under its key.
local function pushOne()
  local extras, spec, body = take(), take(), take()
  if extras == '' then return keepJob(spec, body) end
  local payload = string.find(extras, 'p', 1, true) and take() or nil
  local scope = string.find(extras, 'k', 1, true) and take() or nil
  local digest = scope and take()
  local known = scope and (newKeys[scope] or call('HGET', key.keys, scope))
  if known then
    local id, knownDigest = string.match(known, '^(%d+) (.*)$')
    return (knownDigest == digest and 'r' or 'c') .. id
  end
  local id = keepJob(spec, body)
  if payload then write('HSET', key.texts, id .. 'p', payload) end
  if scope then
    newKeys[scope] = id .. ' ' .. digest
    write('HSET', key.keys, scope, newKeys[scope])
    write('ZADD', key.keyTimes, nowText, scope)
  end
  return id
end

function pushMany()
  local pushed = {}
  for i = 1, takeNumber() do pushed[i] = pushOne() end
  return table.concat(pushed, ' ')
end

verbs.pushMany = pushMany

function skipPushes()
  for _ = 1, takeNumber() do
    local extras = take()
    local others = 2 + (string.find(extras, 'p', 1, true) and 1 or 0) + (string.find(extras, 'k', 1, true) and 2 or 0)
    for _ = 1, others do take() end
  end
end
