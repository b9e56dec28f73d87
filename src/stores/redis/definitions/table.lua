-- The definitions that a script works on; what becomes of them is written with every index they stand in.
-- needs: parseDefinition, formatDefinition, dueOf from format/definition
-- needs: NONE from format/words
-- needs: call from frame/time
-- needs: ask, write, collectors from frame/writes
-- gives: loadDefinitions, definitionOf, touchDefinition, forgetDefinition, kindOf
local known, changed = {}, {}

-- Reads those that are not known yet, at once.
function loadDefinitions(words)
  local missing = {}
  for i = 1, #words do
    local word = words[i]
    if known[word] == nil then
      known[word] = false
      missing[#missing + 1] = word
    end
  end
  for i, text in ipairs(ask('HMGET', key.definitions, missing)) do known[missing[i]] = text and parseDefinition(text) end
end

-- Removed ones too; nil: there is none.
function definitionOf(word)
  local d = known[word]
  if d == nil then
    local text = call('HGET', key.definitions, word)
    d = text and parseDefinition(text)
    known[word] = d
  end
  return d or nil
end

function kindOf(word)
  return string.match(word, '^[^/]+')
end

-- Before a change. `d` is what is known of it, or a new one. A field `body` is a new text, or false if there is none any more.
function touchDefinition(word, d)
  if d.was then return end
  local isNew = known[word] ~= d
  d.was = isNew and {} or { due = dueOf(d), group = d.group, isThere = d.size ~= NONE, isRemoved = d.size == NONE, version = d.version }
  known[word] = d
  changed[#changed + 1] = word
end

-- It is gone for good.
function forgetDefinition(word)
  known[word] = false
end

local function moveIn(index, word, was, is)
  if was and not is then write('ZREM', index, word) elseif is and is ~= was then write('ZADD', index, is, word) end
end

local function keepDefinition(word, d, was)
  local kind, isThere = kindOf(word), d.size ~= NONE
  write('HSET', key.definitions, word, formatDefinition(d))
  moveIn(key.places .. kind, word, was.isThere and '0', isThere and '0')
  moveIn(key.removed, word, was.isRemoved and '', not isThere and d.changedAt)
  moveIn(key.versions .. kind, word, was.version, d.version)
  moveIn(key.dues .. kind, word, was.due, dueOf(d))
  if was.group ~= d.group then
    if was.group and was.group ~= NONE then write('ZREM', key.groups .. kind .. '/' .. was.group, word) end
    if d.group ~= NONE then write('ZADD', key.groups .. kind .. '/' .. d.group, '0', word) end
  end
  if d.body then write('HSET', key.definitionBodies, word, d.body) elseif d.body == false then write('HDEL', key.definitionBodies, word) end
end

collectors[#collectors + 1] = function()
  for i = 1, #changed do
    local word = changed[i]
    local d = known[word]
    keepDefinition(word, d, d.was)
    d.was, d.body = false, nil
  end
  changed = {}
end
