-- The journal's part of a sweep.
-- needs: call, now from frame/time
-- needs: setAsideEntry from journal/aside
-- gives: sweepEntries

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

-- Numbers have no gaps, and times rise with them: so the first young entry is found by halving. Answers how many were
-- removed and whether there are more.
function sweepEntries(age, limit)
  local first, isOld = entryFrom(0, age)
  if not first or not isOld then return 0, false end
  local old, young = first, first + limit + 1
  while young - old > 1 do
    local middle = math.floor((old + young) / 2)
    local found, isOlder = entryFrom(middle, age)
    if found and isOlder then old = middle else young = middle end
  end
  local last = math.min(old, first + limit - 1)
  local removed = call('XTRIM', key.journal, 'MINID', string.format('0-%.0f', last + 1))
  return removed, old > last
end
