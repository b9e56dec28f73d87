-- The definitions' part of a scrub: their records and the indexes that they stand in, their windows, and what their jobs did.
-- needs: KINDS, dueOf from format/definition
-- needs: LIVE from format/facts
-- needs: ID_LENGTH from format/ids
-- needs: wholeIn from format/whole
-- needs: NONE from format/words
-- needs: repair, scanPiece, checkEach, checks from frame/checks
-- needs: call, nowText from frame/time
-- needs: setAsideDefinition from definitions/aside
-- needs: factsOf, keepFacts, walkFacts from definitions/owned
-- needs: loadDefinitions, definitionOf, touchDefinition, kindOf from definitions/table

-- `score` nil: it must not stand there.
local function checkPlace(kind, index, word, score)
  local known = tonumber(call('ZSCORE', index, word))
  if known == score then return end
  if score then call('ZADD', index, string.format('%.0f', score), word) else call('ZREM', index, word) end
  repair(kind)
end

local function checkIndexes(word, d)
  local kind, isThere = kindOf(word), d.size ~= NONE
  checkPlace('places', key.places .. kind, word, isThere and 0 or nil)
  checkPlace('removed', key.removed, word, not isThere and tonumber(d.changedAt) or nil)
  checkPlace('versions', key.versions .. kind, word, tonumber(d.version))
  checkPlace('dues', key.dues .. kind, word, dueOf(d))
  if d.group ~= NONE then checkPlace('groups', key.groups .. kind .. '/' .. d.group, word, 0) end
  if (tonumber(call('HGET', key.kinds, kind) or 0) or 0) < tonumber(d.version) then
    call('HSET', key.kinds, kind, d.version)
    repair('kinds')
  end
end

-- The parts are the truth. No text has more characters than bytes.
local function checkWindow(word, d)
  if tonumber(d.count) == call('LLEN', key.parts .. word) then return end
  if d.openedAt == NONE then
    call('DEL', key.parts .. word)
  else
    local parts = call('LRANGE', key.parts .. word, 0, -1)
    touchDefinition(word, d)
    d.count, d.characters = #parts, #table.concat(parts)
  end
  repair('windows')
end

-- More live jobs of one definition are not looked at.
local mostLive = 1000

-- Jobs that are there are looked at by their records (jobs/scrub.lua).
local function checkLive(word)
  for _, id in ipairs(call('ZRANGEBYSCORE', key.owned .. word, 0, LIVE, 'LIMIT', 0, mostLive)) do
    if call('HEXISTS', key.jobs, id) == 0 then
      call('ZREM', key.owned .. word, id)
      repair('owned')
    end
  end
end

-- A fact about a job that retention has taken stays, unless a job that is there is newer.
local function checkFacts(word)
  local known, walked, wrong = factsOf(word), walkFacts(word), 0
  local facts = { gone = known.gone }
  for facet, fact in ipairs(known) do
    local id = string.sub(fact, 1, ID_LENGTH)
    local stays = fact ~= NONE and id > string.sub(walked[facet], 1, ID_LENGTH) and call('HEXISTS', key.jobs, id) == 0
    facts[facet] = stays and fact or walked[facet]
    if facts[facet] ~= fact then wrong = wrong + 1 end
  end
  if wrong == 0 then return end
  keepFacts(word, facts)
  repair('facts', wrong)
end

-- A definition takes about as long as this many entries.
local weight = 10

checks[#checks + 1] = function(cursor, limit)
  local words = {}
  local function add(word) words[#words + 1] = word end
  local after, checked = scanPiece('HSCAN', key.definitions, cursor, math.ceil(limit / weight), add)
  loadDefinitions(words)
  for _, word in ipairs(words) do
    local d = definitionOf(word)
    if d then
      checkIndexes(word, d)
      checkWindow(word, d)
      checkLive(word)
      checkFacts(word)
    elseif setAsideDefinition(word, 'its%20words%20make%20no%20definition') then
      repair('unreadable')
    end
  end
  return after, checked
end

-- Versions that were counted: what is no number goes on behind all that they were, which are fewer than milliseconds since 1970.
checks[#checks + 1] = function()
  local counted = call('HGETALL', key.kinds)
  for i = 1, #counted, 2 do
    if #counted[i + 1] > 15 or string.find(counted[i + 1], '%D') then
      if string.find(counted[i], ' swept$') then call('HDEL', key.kinds, counted[i]) else call('HSET', key.kinds, counted[i], nowText) end
      repair('kinds')
    end
  end
  return nil, #counted / 2
end

-- Those of groups, too: none of a group is newer than the newest of its kind.
checks[#checks + 1] = function(cursor, limit)
  return scanPiece('HSCAN', key.groupVersions, cursor, limit, function(group, version)
    if wholeIn(version) then return end
    call('HSET', key.groupVersions, group, call('HGET', key.kinds, kindOf(group) or '') or nowText)
    repair('groups')
  end)
end

-- Entries of an index that no record puts there, of each kind.
local indexes = {
  places = { of = key.places, belongs = function(d) return d.size ~= NONE end },
  versions = { of = key.versions, belongs = function() return true end },
  dues = { of = key.dues, belongs = function(d) return dueOf(d) end },
}

checks[#checks + 1] = function(cursor, limit)
  local names = {}
  for kind in string.gmatch(KINDS, '%S+') do
    for index in pairs(indexes) do names[#names + 1] = index .. '/' .. kind end
  end
  return checkEach(names, cursor, limit, function(name, inside)
    local words, index, kind = {}, string.match(name, '^([^/]+)/(.+)$')
    local entries = indexes[index].of .. kind
    local after, checked = scanPiece('ZSCAN', entries, inside, limit, function(word) words[#words + 1] = word end)
    loadDefinitions(words)
    for _, word in ipairs(words) do
      local d = definitionOf(word)
      if not d or not indexes[index].belongs(d) then
        call('ZREM', entries, word)
        repair(index)
      end
    end
    return after, checked
  end)
end
