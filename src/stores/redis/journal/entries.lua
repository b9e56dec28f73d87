-- journal.entries: entries behind a place, oldest first, and what is missing before them.
-- needs: NONE from format/words
-- needs: take, takeNumber, verbs from frame/tape
-- needs: call from frame/time

-- Entries that are read at once at most, and the bytes beyond which there are no more on a page.
local piece, mostBytes = 16, 1048576

local function numberOf(entry)
  return tonumber(string.match(entry[1], '%d+$'))
end

-- The number of the newest entry there ever was, and when it was written, 0 if it is gone.
local function newestPlace()
  local last = call('XREVRANGE', key.journal, '+', '-', 'COUNT', 1)[1]
  if last then return numberOf(last), last[2][2] end
  if call('EXISTS', key.journal) == 0 then return 0, '0' end
  local about = call('XINFO', 'STREAM', key.journal)
  for i = 1, #about, 2 do
    if about[i] == 'last-generated-id' then return tonumber(string.match(about[i + 1], '%d+$')), '0' end
  end
end

-- Whether entries are missing behind the place, and why.
local function gapAt(isHere, seq, at, newest)
  if seq == 0 then return isHere and '' or 'rewound' end
  local id = string.format('0-%.0f', seq)
  local seen = at ~= '0' and call('XRANGE', key.journal, id, id)[1]
  if not isHere or seq > newest or seen and seen[2][2] ~= at then return 'rewound' end
  local first = call('XRANGE', key.journal, '-', '+', 'COUNT', 1)[1]
  return seq + 1 < (first and numberOf(first) or newest + 1) and 'swept' or ''
end

-- Redis reads entries whole, and one may have megabytes: first one is read, then as many as fit if they are like those before.
local function addPage(shown, seq, limit)
  local from, count, bytes = string.format('(0-%.0f', seq), 0, 0
  while count < limit do
    local fits = count == 0 and 1 or math.max(1, math.floor((mostBytes - bytes) * count / bytes))
    local asked = math.min(piece, fits, limit - count)
    local found = call('XRANGE', key.journal, from, '+', 'COUNT', asked)
    for i = 1, #found do
      for _, text in ipairs(found[i][2]) do bytes = bytes + #text end
      if count > 0 and bytes > mostBytes then return end
      count = count + 1
      shown[#shown + 1] = found[i]
    end
    if #found < asked then return end
    from = '(' .. found[#found][1]
  end
end

-- Answers the gap, the name of the store, the newest place in it, and the entries.
verbs['journal.entries'] = function(store)
  local seq, at, limit = takeNumber(), take(), takeNumber()
  local name, newest, newestAt = call('HGET', key.meta, 'name') or '', newestPlace()
  local gap = gapAt(store == NONE or store == name, seq, at, newest)
  local shown = { gap, name, string.format('%.0f', newest), newestAt }
  if gap ~= 'rewound' then addPage(shown, seq, limit) end
  return shown
end
