-- The journal's part of a scrub: what is known of events, and where readers stand.
-- needs: wholeIn from format/whole
-- needs: repair, scanPiece, checks from frame/checks
-- needs: call, nowText from frame/time
-- needs: charactersTold from journal/told

-- The numbers of entries, and how many characters events had before each.
checks[#checks + 1] = function(cursor, limit)
  if not wholeIn(call('HGET', key.meta, 'told') or '0') then
    call('HSET', key.meta, 'told', string.format('%.0f', charactersTold()))
    repair('told')
  end
  return scanPiece('ZSCAN', key.told, cursor, limit, function(seq, characters)
    if wholeIn(seq) and wholeIn(characters) then return end
    call('ZREM', key.told, seq)
    repair('told')
  end)
end

-- Every key of an event is forgotten some day; one that was damaged, at once.
checks[#checks + 1] = function(cursor, limit)
  return scanPiece('HSCAN', key.eventKeys, cursor, limit, function(scope, known)
    if not string.find(known, '^%d+%-%d+$') then
      call('HDEL', key.eventKeys, scope)
      call('ZREM', key.eventKeyTimes, scope)
      return repair('eventKeys')
    end
    if call('ZSCORE', key.eventKeyTimes, scope) then return end
    call('ZADD', key.eventKeyTimes, nowText, scope)
    repair('eventKeys')
  end)
end

-- A reader whose place was damaged begins anew.
checks[#checks + 1] = function(cursor, limit)
  return scanPiece('HSCAN', key.followers, cursor, limit, function(name, at)
    if wholeIn(at) then return end
    call('HDEL', key.followers, name)
    repair('followers')
  end)
end
