-- limits.list: the limits as they stand.
-- needs: verbs from frame/tape
-- needs: call, now from frame/time
-- needs: countHeld from limits/change
-- needs: held from limits/held
-- needs: parseLimit from limits/settings
-- needs: bucketIn, tokensOf from queues/bucket

-- Answers of each its name, its words, how many jobs of the key of that name may be pushed now, how many run, and how many wait.
verbs['limits.list'] = function()
  local limits, shown = call('HGETALL', key.limits), {}
  local counts = #limits > 0 and not held.isCounted() and countHeld()
  for i = 1, #limits, 2 do
    local word, limit = limits[i], parseLimit(limits[i + 1])
    local left = limit and limit.max and tokensOf(bucketIn(key.limitBuckets, word), limit) or 0
    shown[#shown + 1] = word
    -- A time that has come pauses nothing any more.
    local isOver = limit and limit.pausedUntil and limit.pausedUntil <= now
    shown[#shown + 1] = isOver and string.gsub(limits[i + 1], '%S+$', 'none') or limits[i + 1]
    shown[#shown + 1] = string.format('%.0f', math.max(0, math.floor(left)))
    shown[#shown + 1] = counts and (counts[word] or 0) or held.under(word)
    shown[#shown + 1] = call('ZCARD', key.parked .. word)
  end
  return shown
end
