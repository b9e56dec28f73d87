-- What an entry of ended jobs still says (endings.lua).
-- gives: endedIn

-- The ids of an entry whose jobs have ended in this state at this time.
function endedIn(entry, state, time)
  local ids, there = {}, {}
  for id in string.gmatch(entry, '%d+') do ids[#ids + 1] = id end
  load(ids)
  for _, id in ipairs(ids) do
    local record = recordOf(id)
    if record and record[STATE] == state and record[ENDED] == time then there[#there + 1] = id end
  end
  return there
end
