-- definitions.due
-- needs: takeNumber, takeList, verbs from frame/tape
-- needs: call, now, nowText from frame/time
-- needs: MOST_BYTES, findDefinitions, showDefinitions from definitions/show

-- Answers the present, how long until the next one has been due for long enough, '' when there is none, and those that have.
verbs['definitions.due'] = function(limit)
  local behind, kinds = takeNumber(), takeList()
  local latest, late, nextAt = string.format('%.0f', now - behind), {}, nil
  limit = tonumber(limit)
  for _, kind in ipairs(kinds) do
    local index = key.dues .. kind
    local dues = {}
    local words, records = findDefinitions(limit, function(offset, length)
      local found, entries = call('ZRANGEBYSCORE', index, '-inf', latest, 'WITHSCORES', 'LIMIT', offset, length), {}
      for i = 1, #found, 2 do entries[#entries + 1], dues[found[i]] = found[i], tonumber(found[i + 1]) end
      return entries
    end)
    for i = 1, #words do late[#late + 1] = { word = words[i], record = records[i], due = dues[words[i]] } end
    local following = tonumber(call('ZRANGEBYSCORE', index, '(' .. latest, '(inf', 'WITHSCORES', 'LIMIT', 0, 1)[2])
    nextAt = following and math.min(following, nextAt or following) or nextAt
  end
  table.sort(late, function(a, b)
    if a.due ~= b.due then return a.due < b.due end
    return a.word < b.word
  end)
  local words, records, shown = {}, {}, { nowText, '' }
  for i = 1, #late do words[i], records[i] = late[i].word, late[i].record end
  local total = showDefinitions(shown, words, records, limit, MOST_BYTES)
  if total < #words then shown[2] = '0' elseif nextAt then shown[2] = string.format('%.0f', nextAt - now + behind) end
  return shown
end
