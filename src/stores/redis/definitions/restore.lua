-- definitions.restore: definitions come in as they were elsewhere, under new versions.
-- needs: parseDefinition from format/definition
-- needs: parseFacts from format/facts
-- needs: ID_LENGTH from format/ids
-- needs: NONE from format/words
-- needs: take, takeList, verbs from frame/tape
-- needs: recordOf from jobs/records
-- needs: load from jobs/texts
-- needs: newDefinition, newVersion from definitions/change
-- needs: factsOf, keepFacts, walkFacts from definitions/owned
-- needs: definitionOf, touchDefinition from definitions/table
-- needs: addPart from definitions/window-parts

-- All but its version, and what is known of its body.
local copied = {
  'changedAt', 'due', 'firedAt', 'dueOnEnd', 'openedAt', 'closesAt', 'count', 'dropped', 'characters', 'state',
}

-- Whether a copy tells of a job that is here, and tells for itself.
local function isHere(fact)
  local id = string.sub(fact, 1, ID_LENGTH)
  load({ id })
  return recordOf(id) ~= nil
end

-- Of each facet, the newer one stands (core/owned.ts factWith).
local function newerFacts(known, given)
  local facts = { gone = given.gone }
  for facet, fact in ipairs(known) do
    local copy = given[facet]
    local isNewer = copy ~= NONE and string.sub(fact, 1, ID_LENGTH) <= string.sub(copy, 1, ID_LENGTH)
    facts[facet] = isNewer and not isHere(copy) and copy or fact
  end
  return facts
end

local function restore(word)
  local text, body, given, parts = take(), take(), parseFacts(take()), takeList()
  local d, copy = definitionOf(word), parseDefinition(text)
  if d and d.size ~= NONE then return 'exists' end
  keepFacts(word, newerFacts(d and factsOf(word) or walkFacts(word), given))
  d = d or newDefinition()
  touchDefinition(word, d)
  d.group = copy.group
  newVersion(word, d)
  for _, field in ipairs(copied) do d[field] = copy[field] end
  d.body, d.size = body, tostring(#body)
  for _, part in ipairs(parts) do addPart(word, part) end
  return 'restored'
end

verbs['definitions.restore'] = function(total)
  local answers = {}
  for i = 1, total do answers[i] = restore(take()) end
  return answers
end
