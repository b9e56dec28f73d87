-- Definitions as Node reads them (port.ts): of each its word, its record, its body, its facts, how many of its jobs live, and, if it is due
-- on their end, how many have ended: succeeded, failed, canceled.
-- needs: parseDefinition from format/definition
-- needs: LIVE from format/facts
-- needs: call from frame/time
-- needs: ask from frame/writes
-- gives: MOST_BYTES, readDefinitions, findDefinitions, showDefinitions

-- Of bodies in one answer, about.
MOST_BYTES = 1048576

-- Those of these that there are: their words, and the texts of their records.
function readDefinitions(words)
  local there, records = {}, {}
  for i, text in ipairs(ask('HMGET', key.definitions, words)) do
    if text and parseDefinition(text) then there[#there + 1], records[#records + 1] = words[i], text end
  end
  return there, records
end

-- The first of an index, more than `limit` if there are; `read` answers a piece of it, by an offset and a length. An index may have
-- entries that point at nothing.
function findDefinitions(limit, read)
  local words, records, offset = {}, {}, 0
  repeat
    local entries = read(offset, limit + 1)
    local found, texts = readDefinitions(entries)
    for i = 1, #found do words[#words + 1], records[#records + 1] = found[i], texts[i] end
    offset = offset + limit + 1
  until #words > limit or #entries <= limit
  return words, records
end

-- Appends to `shown` at most `limit` of them, and no more bytes of bodies than `most`, but one at least. Answers how many.
function showDefinitions(shown, words, records, limit, most)
  local total, bytes = math.min(limit, #words), 0
  for i = 1, total do
    bytes = bytes + (tonumber(parseDefinition(records[i]).size) or 0)
    if i > 1 and bytes > most then
      total = i - 1
      break
    end
  end
  local page = {}
  for i = 1, total do page[i] = words[i] end
  local bodies, facts = ask('HMGET', key.definitionBodies, page), ask('HMGET', key.facts, page)
  for i = 1, total do
    -- Without facts it never had a job.
    local live = facts[i] and call('ZCOUNT', key.owned .. page[i], 0, LIVE) or 0
    local one = { page[i], records[i], bodies[i], facts[i], live }
    if facts[i] and parseDefinition(records[i]).dueOnEnd == '1' then
      for class = 2, 6, 2 do one[5 + class / 2] = call('ZCOUNT', key.owned .. page[i], class, class + 1) end
    end
    shown[#shown + 1] = one
  end
  return total
end
