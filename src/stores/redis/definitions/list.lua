-- definitions.list
-- needs: parseDefinition from format/definition
-- needs: NONE from format/words
-- needs: take, takeNumber, takeList, verbs from frame/tape
-- needs: call from frame/time
-- needs: MOST_BYTES, readDefinitions, findDefinitions, showDefinitions from definitions/show
local queries = {}

-- Those of these words that are not removed.
function queries.keys()
  local found, records = readDefinitions(takeList())
  local words, texts, shown = {}, {}, {}
  for i, text in ipairs(records) do
    if parseDefinition(text).size ~= NONE then words[#words + 1], texts[#texts + 1] = found[i], text end
  end
  showDefinitions(shown, words, texts, #words, math.huge)
  return shown
end

-- From one place to another, of a group or of all. Answers the newest version, the first place behind the page, and these.
function queries.place()
  local kind, group, from, to, limit = take(), take(), take(), take(), takeNumber()
  local index = group == NONE and key.places .. kind or key.groups .. kind .. '/' .. group
  local words, records = findDefinitions(limit, function(offset, length)
    return call('ZRANGEBYLEX', index, from, to, 'LIMIT', offset, length)
  end)
  local shown = { call('HGET', key.kinds, kind) or '0', '' }
  shown[2] = words[showDefinitions(shown, words, records, limit, MOST_BYTES) + 1] or ''
  return shown
end

-- Behind a version. Answers the newest one, the newest of a group, the newest of the removed ones that were swept, 1 if there are
-- more, and these.
function queries.version()
  local kind, after, group, limit = take(), take(), take(), takeNumber()
  local words, records = findDefinitions(limit, function(offset, length)
    return call('ZRANGEBYSCORE', key.versions .. kind, '(' .. after, '+inf', 'LIMIT', offset, length)
  end)
  local ofGroup = call('HGET', key.groupVersions, kind .. '/' .. group) or '0'
  local shown = { call('HGET', key.kinds, kind) or '0', ofGroup, call('HGET', key.kinds, kind .. ' swept') or '0', 0 }
  shown[4] = showDefinitions(shown, words, records, limit, MOST_BYTES) < #words and 1 or 0
  return shown
end

verbs['definitions.list'] = function(by)
  return queries[by]()
end
