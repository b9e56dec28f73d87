-- Redis's commands as a script calls them that goes again since it failed (frame/calls.ts): before each of them it is looked whether
-- its key is what Hatstand gives it, and what is not is out of the way. Scripts that fail never pay for it.
-- gives: carefully

-- By the first letter of a command.
local types = { H = 'hash', Z = 'zset', L = 'list', R = 'list', X = 'stream' }
local plain, nowText, prefixLength = redis.call, nil, #key.meta - #'meta'

local function present()
  if not nowText then
    local time = plain('TIME')
    nowText = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
  end
  return nowText
end

-- The numbers of entries go on behind all that there were, which are fewer than milliseconds since 1970.
local function restartJournal(last)
  plain('XADD', key.journal, '0-' .. last, 'at', present(), 'moved', '')
end

-- It is kept as it is, under another name.
local function takeAside(name, found, expected)
  local short = string.sub(name, prefixLength + 1)
  local where = key.aside .. short
  local reason = 'it%20is%20a%20' .. found .. ',%20not%20a%20' .. expected
  plain('RENAME', name, where)
  for _, each in ipairs({ { key.unreadable, 'hash' }, { key.unreadableIds, 'zset' } }) do
    if plain('TYPE', each[1]).ok ~= each[2] then plain('UNLINK', each[1]) end
  end
  plain('HSET', key.unreadable, 'key:' .. short, present() .. ' ' .. reason .. '\nIt lies, as it was, in the key ' .. where .. '\n')
  plain('ZADD', key.unreadableIds, 0, 'key:' .. short)
  if name == key.journal then restartJournal(present()) end
end

-- A number to add to that is none, or more than a number of Lua can be. What is counted on for ever goes on behind all that it was;
-- all else is counted anew by the scrub.
local function mendNumber(name, field)
  local text = plain('HGET', name, field)
  if not text or (string.find(text, '^%-?%d+$') and #text <= 15) then return end
  if name == key.meta or name == key.kinds then plain('HSET', name, field, present()) else plain('HDEL', name, field) end
end

-- Behind entries whose numbers are not ours none can be added: they go, and are kept.
local function mendJournal()
  local last = '0'
  local newest = plain('XREVRANGE', key.journal, '0-18446744073709551615', '-', 'COUNT', 1)[1]
  if newest then last = string.match(newest[1], '%d+$') end
  local strange = plain('XRANGE', key.journal, '1-0', '+', 'COUNT', 1000)
  for _, entry in ipairs(strange) do
    local id = 'entry:' .. entry[1]
    plain('HSET', key.unreadable, id, present() .. ' its%20number%20is%20none\n' .. table.concat(entry[2], ' ') .. '\n')
    plain('ZADD', key.unreadableIds, 0, id)
    plain('XDEL', key.journal, entry[1])
  end
  if #last > 15 then
    plain('RENAME', key.journal, key.aside .. 'journal')
    return restartJournal(present())
  end
  if last == '0' then last = present() end
  plain('XSETID', key.journal, '0-' .. last, 'ENTRIESADDED', last, 'MAXDELETEDID', '0-0')
end

local function lastEntry()
  local facts = plain('XINFO', 'STREAM', key.journal)
  for i = 1, #facts, 2 do
    if facts[i] == 'last-generated-id' then return facts[i + 1] end
  end
end

function carefully(command, name, first, ...)
  local expected = types[string.sub(command, 1, 1)]
  if expected then
    local found = plain('TYPE', name).ok
    if found ~= 'none' and found ~= expected then takeAside(name, found, expected) end
    if command == 'HINCRBY' then mendNumber(name, first) end
    if command == 'XADD' then
      local last = plain('EXISTS', name) == 1 and lastEntry() or '0-0'
      if not string.find(last, '^0%-%d+$') or #last > 17 then mendJournal() end
    end
  end
  if first == nil then return plain(command, name) end
  return plain(command, name, first, ...)
end
