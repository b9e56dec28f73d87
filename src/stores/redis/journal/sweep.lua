-- The journal's part of a sweep.
-- needs: call, now from frame/time
-- needs: NONE from format/words
-- needs: write from frame/writes
-- needs: setAsideEntry from journal/aside
-- needs: charactersTold from journal/told
-- gives: sweepEntries, sweepEventKeys

-- The number of an entry and whether it is older than this, of the first one from this number on. One of the far future
-- is, too: it comes from a clock that has stepped back since, and would keep those behind it for as long.
local function entryFrom(seq, age)
  local found = call('XRANGE', key.journal, string.format('0-%.0f', seq), '+', 'COUNT', 1)[1]
  if not found then return nil, false end
  local number, at = string.match(found[1], '%d+$'), found[2][1] == 'at' and tonumber(found[2][2])
  -- One that tells no time would be in the way for ever.
  if not at and setAsideEntry(number, 'it%20tells%20no%20time') then return entryFrom(seq, age) end
  return tonumber(number), math.abs(now - (at or now)) > age
end

-- Removes those up to a number, no more than the limit. Answers how many, and whether there are more.
local function removeUpTo(last, first, limit)
  local to = math.min(last, first + limit - 1)
  return call('XTRIM', key.journal, 'MINID', string.format('0-%.0f', to + 1)), last > to
end

-- Numbers have no gaps, and times rise with them: so the first young entry is found by halving.
local function sweepOld(age, limit)
  local first, isOld = entryFrom(0, age)
  if not first or not isOld then return 0, false end
  local old, young = first, first + limit + 1
  while young - old > 1 do
    local middle = math.floor((old + young) / 2)
    local found, isOlder = entryFrom(middle, age)
    if found and isOlder then old = middle else young = middle end
  end
  return removeUpTo(old, first, limit)
end

-- Those before which events had more characters than may stay.
local function sweepBeyond(characters, limit)
  if characters == NONE then return 0, false end
  local before = charactersTold() - tonumber(characters)
  local last = call('ZREVRANGEBYSCORE', key.told, string.format('(%.0f', before), '-inf', 'LIMIT', 0, 1)[1]
  local first = last and entryFrom(0, 0)
  if not first then return 0, false end
  if not tonumber(last) then
    call('ZREM', key.told, last)
    return 0, true
  end
  return removeUpTo(tonumber(last), first, limit)
end

-- What is gone tells no events any more.
local function forgetTold()
  local first = entryFrom(0, 0)
  local gone
  repeat
    local numbers = call('ZRANGE', key.told, 0, 99)
    gone = 0
    for _, seq in ipairs(numbers) do
      -- Also what is no number.
      if not first or (tonumber(seq) or 0) < first then gone = gone + 1 end
    end
    if gone > 0 then call('ZREMRANGEBYRANK', key.told, 0, gone - 1) end
  until gone < 100
end

-- By their age, and then by what events take. Answers how many were removed and whether there are more.
function sweepEntries(age, characters, limit)
  local old, moreOld = sweepOld(age, limit)
  local beyond, moreBeyond = sweepBeyond(characters, limit - old)
  if old + beyond > 0 then forgetTold() end
  return old + beyond, moreOld or moreBeyond
end

-- Keys under which events were published before the time.
function sweepEventKeys(before, limit)
  local scopes = call('ZRANGEBYSCORE', key.eventKeyTimes, '-inf', '(' .. before, 'LIMIT', 0, limit + 1)
  local more = #scopes > limit
  if more then scopes[#scopes] = nil end
  for _, scope in ipairs(scopes) do
    write('ZREM', key.eventKeyTimes, scope)
    write('HDEL', key.eventKeys, scope)
  end
  return #scopes, more
end
