-- definitions.put
-- needs: heldParts from format/record-held only: by
-- needs: NONE from format/words
-- needs: take, verbs from frame/tape
-- needs: now from frame/time
-- needs: flush from frame/writes only: by
-- needs: takeTarget from jobs/targets only: by
-- needs: texts, outdated from jobs/texts only: by
-- needs: newDefinition, newVersion, clear from definitions/change
-- needs: keepFacts, walkFacts, atOnce from definitions/owned
-- needs: loadDefinitions, definitionOf, touchDefinition from definitions/table

-- A body is announced by 1, none is a removal. A state is announced by =, none leaves it as it is.
local function takePut()
  local word, body = take(), take() == '1' and take() or nil
  return { word = word, body = body, group = take(), state = take(), due = take(), dueOnEnd = take(), version = take(), note = take() }
end

local function putOne(asked)
  local word = asked.word
  local d = definitionOf(word)
  if not d then
    d = newDefinition()
    keepFacts(word, walkFacts(word))
  end
  touchDefinition(word, d)
  if asked.state ~= NONE then d.state = string.sub(asked.state, 2) elseif d.size == NONE then d.state = '' end
  if not asked.body then
    clear(word, d)
  else
    if asked.due == 'now' then d.due = string.format('%.0f', atOnce(d, now)) elseif asked.due == 'never' then d.due = NONE end
    d.group, d.dueOnEnd, d.body, d.size = asked.group, asked.dueOnEnd, asked.body, tostring(#asked.body)
  end
  return newVersion(word, d, asked.note)
end

-- only: by
-- Whether an attempt is held.
local function holds(id, fence)
  if outdated[id] then flush() end
  return heldParts(texts[id] or '', fence)
end
-- always

-- Answers `put` and the versions; `stale`, the number of the first whose version is another, and that version; or `lost`.
verbs['definitions.put'] = function(spec)
  local puts, words = {}, {}
  for i = 1, string.match(spec, '%d+$') do
    puts[i] = takePut()
    words[i] = puts[i].word
  end
  -- only: by
  if string.sub(spec, 1, 2) == 'by' and not holds(takeTarget()) then return 'lost' end
  -- always
  loadDefinitions(words)
  for i, asked in ipairs(puts) do
    local d = definitionOf(asked.word)
    local version = d and d.size ~= NONE and d.version or '0'
    if asked.version ~= NONE and asked.version ~= version then return 'stale ' .. i - 1 .. ' ' .. version end
  end
  local answer = { 'put' }
  for i, asked in ipairs(puts) do answer[i + 1] = putOne(asked) end
  return table.concat(answer, ' ')
end
