-- Redis's commands as a script calls them that goes again since it failed (frame/calls.ts): before each of them it is looked whether
-- its key is what Hatstand gives it, and what is not is out of the way. Scripts that fail never pay for it.
-- gives: carefully

-- By the first letter of a command.
local types = { H = 'hash', Z = 'zset', L = 'list', R = 'list', X = 'stream' }
local plain, nowText, prefixLength = redis.call, nil, string.len(key.meta) - 4

local function present()
  if not nowText then
    local time = plain('TIME')
    nowText = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
  end
  return nowText
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
  -- The numbers of entries go on behind all that there were, which are fewer than milliseconds since 1970.
  if name == key.journal then plain('XADD', name, '0-' .. present(), 'at', present(), 'moved', '') end
end

-- A number to add to that is none, or more than a number of Lua can be. What is counted on for ever goes on behind all that it was;
-- all else is counted anew by the scrub.
local function mendNumber(name, field)
  local text = plain('HGET', name, field)
  if not text or (string.find(text, '^%-?%d+$') and #text <= 15) then return end
  if name == key.meta or name == key.kinds then plain('HSET', name, field, present()) else plain('HDEL', name, field) end
end

function carefully(command, name, first, ...)
  local expected = types[string.sub(command, 1, 1)]
  if expected then
    local found = plain('TYPE', name).ok
    if found ~= 'none' and found ~= expected then takeAside(name, found, expected) end
    if command == 'HINCRBY' then mendNumber(name, first) end
  end
  if not name then return plain(command) end
  if first == nil then return plain(command, name) end
  return plain(command, name, first, ...)
end
