-- upkeep.unreadable: records that were set aside, from an id on, until there are enough bytes of them.
-- needs: takeNumber, verbs from frame/tape
-- needs: call from frame/time

local mostBytes = 1048576

-- Answers how many there are, the first id behind the page, '' when there is none, and of each its id and its text.
verbs['upkeep.unreadable'] = function(from)
  local limit, bytes = takeNumber(), 0
  local ids = call('ZRANGEBYLEX', key.unreadableIds, from, '+', 'LIMIT', 0, limit + 1)
  local shown = { call('ZCARD', key.unreadableIds), '' }
  for i = 1, #ids do
    if i > limit or bytes > mostBytes then
      shown[2] = ids[i]
      break
    end
    local text = call('HGET', key.unreadable, ids[i]) or ''
    bytes = bytes + #text
    shown[#shown + 1] = ids[i]
    shown[#shown + 1] = text
  end
  return shown
end
