-- The definitions' part of a sweep.
-- needs: parseDefinition from format/definition
-- needs: NONE from format/words
-- needs: call from frame/time
-- needs: write, flush from frame/writes
-- needs: readDefinitions from definitions/show
-- needs: forgetDefinition, kindOf from definitions/table
-- gives: sweepRemoved

-- Those that were removed before the time leave for good, longest ago first. Answers how many, and whether there are more.
function sweepRemoved(before, limit)
  flush()
  local found = call('ZRANGEBYSCORE', key.removed, '-inf', '(' .. before, 'LIMIT', 0, limit + 1)
  local more = #found > limit
  if more then found[#found] = nil end
  local words, records = readDefinitions(found)
  for i, word in ipairs(words) do
    local d, kind = parseDefinition(records[i]), kindOf(word)
    -- One that is not removed stands there by mistake.
    if d.size == NONE then
      local swept = tonumber(call('HGET', key.kinds, kind .. ' swept') or 0) or 0
      if tonumber(d.version) > swept then call('HSET', key.kinds, kind .. ' swept', d.version) end
      write('ZREM', key.versions .. kind, word)
      forgetDefinition(word)
      write('HDEL', key.definitions, word)
      write('HDEL', key.facts, word)
    end
  end
  for _, word in ipairs(found) do write('ZREM', key.removed, word) end
  flush()
  return #found, more
end
