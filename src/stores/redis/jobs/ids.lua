-- New job ids: 42 bits of milliseconds since the epoch, 10 bits of server id, 12 bits of sequence (core/id.ts), in 19 digits.
-- The last one of each server id is kept, and a floor below which none is made: a clock that steps back repeats none.
-- needs: server from frame/sender
-- needs: call, now, nowText from frame/time
-- gives: nextId, madeAtOf, keepLastId, passMillis
-- Some years before the last one that there can be: what is kept beyond was damaged, and what is kept before leaves room for more.
local epoch, latest = 1546300800000, 1883447255551
local millis, sequence, madeAt = nil, 0, nil

-- A double holds 53 bits and an id has 63: so it is made of two parts, each below 2^53, in base a million. Answers also when
-- the id was made, as it says itself.
function nextId()
  if not millis then
    local last, floor = unpack(call('HMGET', key.meta, 'id:' .. server, 'floor'))
    local lastMillis, lastSequence = string.match(last or '', '^(%d+) (%-?%d+)$')
    millis, sequence = tonumber(lastMillis or 0), tonumber(lastSequence or -1)
    floor = tonumber(floor or 0)
    if millis > latest or sequence > 4095 then millis, sequence = 0, -1 end
    if floor and floor < latest and floor >= millis then millis, sequence = floor + 1, -1 end
    madeAt = nil
  end
  local wanted = now - epoch
  if wanted > millis then
    millis, sequence, madeAt = wanted, -1, nowText
  elseif sequence == 4095 then
    millis, sequence, madeAt = millis + 1, -1, nil
  end
  sequence = sequence + 1
  madeAt = madeAt or string.format('%.0f', millis + epoch)
  local high = math.floor(millis / 1000000)
  local low = (millis - high * 1000000) * 4194304 + server * 4096 + sequence
  local carry = math.floor(low / 1000000)
  return string.format('%013d%06d', high * 4194304 + carry, low - carry * 1000000), madeAt
end

-- When an id was made, as it says itself; one that was damaged, long ago.
function madeAtOf(id)
  local head, low = tonumber(string.sub(id, 1, 13)) or 0, tonumber(string.sub(id, 14)) or 0
  local high = math.floor(head / 4194304)
  return high * 1000000 + math.floor(((head - high * 4194304) * 1000000 + low) / 4194304) + epoch
end

function keepLastId()
  if millis then call('HSET', key.meta, 'id:' .. server, string.format('%.0f %d', millis, sequence)) end
end

-- All further ids are greater than one of these milliseconds, unless these are beyond all that are made.
function passMillis(passed)
  if passed >= latest then return end
  if millis and millis <= passed then millis, sequence = passed, 4095 end
  if (tonumber(call('HGET', key.meta, 'floor') or 0) or 0) < passed then call('HSET', key.meta, 'floor', string.format('%.0f', passed)) end
end
