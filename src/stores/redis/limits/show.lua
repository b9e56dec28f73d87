-- A limit as it stands.
-- needs: call, now from frame/time
-- needs: held from limits/held
-- needs: parseLimit from limits/settings
-- needs: bucketIn, tokensOf from queues/bucket
-- gives: showLimit

-- Its name, its words, how many jobs of the key of that name may be pushed now, how many run while that is counted for it, and how
-- many wait. Of a pattern each key has its own.
function showLimit(word, text)
  local limit = parseLimit(text)
  -- A time that has come pauses nothing any more.
  local isOver = limit and limit.pausedUntil and limit.pausedUntil <= now
  local shown = isOver and string.gsub(text, '%S+$', 'none') or text
  if not limit or word == '*' or string.sub(word, -2) == ':*' then return { word, shown, '0', 0, 0 } end
  local left = limit.max and tokensOf(bucketIn(key.limitBuckets, word), limit) or 0
  local holdsBack = limit.concurrency or (limit.pausedUntil and not isOver)
  return {
    word, shown, string.format('%.0f', math.max(0, math.floor(left))), holdsBack and held.under(word) or 0,
    call('ZCARD', key.parked .. word),
  }
end
