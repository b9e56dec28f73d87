-- What is kept of records that cannot be read: when they were set aside, why, and all that there was of them, under one name each.
-- needs: call, nowText from frame/time
-- gives: keepAside, keptPart, plainWord

-- The characters of texts, by their first byte: each of them written in UTF-8.
local characters = {
  '[\194-\223][\128-\191]', '\224[\160-\191][\128-\191]', '[\225-\236\238\239][\128-\191][\128-\191]', '\237[\128-\159][\128-\191]',
  '\240[\144-\191][\128-\191][\128-\191]', '[\241-\243][\128-\191][\128-\191][\128-\191]', '\244[\128-\143][\128-\191][\128-\191]',
}

local function isText(bytes)
  if not string.find(bytes, '[\128-\255]') then return true end
  for _, character in ipairs(characters) do bytes = string.gsub(bytes, character, ' ') end
  return not string.find(bytes, '[\128-\255]')
end

local function hex(byte)
  return string.format('%02x', string.byte(byte))
end

-- A part with its length, since it may have any characters; bytes that are no text stand as hexadecimal digits.
function keptPart(name, bytes)
  if not bytes then return '' end
  if isText(bytes) then return name .. ' ' .. #bytes .. '\n' .. bytes .. '\n' end
  return name .. ' hex ' .. #bytes .. '\n' .. string.gsub(bytes, '.', hex) .. '\n'
end

-- The text of a word (format/words.ts).
function plainWord(word)
  return (string.gsub(word, '%%(%x%x)', function(code) return string.char(tonumber(code, 16)) end))
end

-- The id is that of a job, or a kind and a name (core/unreadable.ts). The reason is a word.
function keepAside(id, reason, raw)
  if not isText(id) then id = string.gsub(id, '[\128-\255]', function(byte) return '%' .. hex(byte) end) end
  call('HSET', key.unreadable, id, nowText .. ' ' .. reason .. '\n' .. raw)
  call('ZADD', key.unreadableIds, 0, id)
end
