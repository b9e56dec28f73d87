-- Definitions that nobody can read are removed, so that those who follow learn of it.
-- needs: KINDS from format/definition
-- needs: keepAside, keptPart from frame/aside
-- needs: call from frame/time
-- needs: flush from frame/writes
-- needs: newDefinition, newVersion from definitions/change
-- needs: forgetDefinition, kindOf from definitions/table
-- gives: setAsideDefinition

-- As owners of jobs name it (format/owner.ts).
local function nameOf(word)
  local function character(code) return string.char(tonumber(code, 16)) end
  local place, its = string.match(word, '^(.-)!!(.*)$')
  if not place then return (string.gsub(word, '!(%x%x)', character)) end
  return string.gsub(place, '!(%x%x)', character) .. '/' .. string.gsub(its, '!(%x%x)', character)
end

-- Answers whether there was one. Where its record stood in indexes nobody knows: they are made true as those of any other.
function setAsideDefinition(word, reason)
  flush()
  local text = call('HGET', key.definitions, word)
  if not text then return false end
  local raw = { keptPart('record', text), keptPart('body', call('HGET', key.definitionBodies, word)),
    keptPart('facts', call('HGET', key.facts, word)) }
  for _, part in ipairs(call('LRANGE', key.parts .. word, 0, -1)) do raw[#raw + 1] = keptPart('part', part) end
  keepAside('definition:' .. nameOf(word), reason, table.concat(raw))
  call('DEL', key.parts .. word)
  call('HDEL', key.definitions, word)
  call('HDEL', key.definitionBodies, word)
  forgetDefinition(word)
  local kind = kindOf(word)
  -- What no definition is called nobody can put again.
  if not kind or not string.find(KINDS, ' ' .. kind .. ' ', 1, true) or not string.find(word, '!!', 1, true) then
    call('HDEL', key.facts, word)
    return true
  end
  for _, index in ipairs({ key.places, key.dues }) do call('ZREM', index .. kind, word) end
  local group = string.match(text, '^%S+ %S+ %S+ %S+ %S+ %S+ %S+ %S+ %S+ %S+ %S+ (%S+)\n')
  if group then call('ZREM', key.groups .. kind .. '/' .. group, word) end
  local d = newDefinition()
  -- Rules are followed by their group: better one of them is read again than that one stays.
  d.countedIn = group or 'event'
  newVersion(word, d)
  flush()
  return true
end
