-- Which jobs have ended, by the time of their end. Jobs that ended together have one entry, the ids in it divided by blanks:
-- that takes a fraction of the time and memory of an entry each. What a restart or a removal leaves behind in an entry does
-- not count: a record says when its job has ended.
-- gives: addEnding, keepEndings

local most = 500
local endings = {}

-- A job has ended in this state at this time.
function addEnding(state, time, id)
  local byTime = endings[state]
  if not byTime then
    byTime = {}
    endings[state] = byTime
  end
  local ids = byTime[time]
  if not ids then
    ids = {}
    byTime[time] = ids
  end
  ids[#ids + 1] = id
end

function keepEndings()
  if not next(endings) then return end
  for state, byTime in pairs(endings) do
    for time, ids in pairs(byTime) do
      for from = 1, #ids, most do
        write('ZADD', key.ended .. state, time, concat(ids, ' ', from, min(from + most - 1, #ids)))
      end
    end
  end
  endings = {}
end
