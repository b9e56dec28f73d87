-- A bucket of tokens: full at first, refilled evenly (core/queue.ts). Its text says how many, and when they were counted.
-- needs: call, now, nowText from frame/time
-- gives: bucketIn, tokensOf, bucketText

-- The text of a bucket as a hash has it; nil: it is full. After the clock has stepped back it is filled again from here on, not only when
-- that time comes once more.
function bucketIn(hash, field)
  local text = call('HGET', hash, field) or nil
  local filledAt = string.match(text or '', '^%S+ (%d+)$')
  if filledAt and tonumber(filledAt) > now then
    text = string.match(text, '^%S+ ') .. nowText
    call('HSET', hash, field, text)
  end
  return text
end

-- How many there are now, at most `max`, of a limit that lets through `max` in each `per`.
function tokensOf(text, limit)
  local tokens, filledAt = string.match(text or '', '^(%S+) (%S+)$')
  if not tonumber(tokens) or not tonumber(filledAt) then return limit.max end
  local gained = math.max(0, now - tonumber(filledAt)) * limit.max / limit.per
  return math.min(limit.max, tonumber(tokens) + gained)
end

function bucketText(tokens)
  return string.format('%.17g %.0f', tokens, now)
end
