-- What an entry of ended jobs still says (ended-index.lua).
-- needs: idsIn from format/ids
-- needs: recordOf from jobs/records
-- needs: load from jobs/texts
-- gives: endedIn

-- The ids of an entry whose jobs have ended in this state at this time.
function endedIn(entry, state, time)
  local ids, there = idsIn(entry), {}
  load(ids)
  for _, id in ipairs(ids) do
    local record = recordOf(id)
    if record and record.state == state and record.ended == time then there[#there + 1] = id end
  end
  return there
end
