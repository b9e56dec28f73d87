-- Which jobs have ended, by the time of their end. Jobs that ended together have one entry, a list of ids: that takes a
-- fraction of the time and memory of an entry each. What a restart or a removal leaves behind in an entry does not count: a
-- record says when its job has ended (ended-jobs.lua).
-- needs: write, collectors from frame/writes
-- gives: addEnding
local most = 500
-- By state, by time.
local endings = {}

function addEnding(state, time, id)
  local ids = endings[state] and endings[state][time]
  if not ids then
    ids = {}
    endings[state] = endings[state] or {}
    endings[state][time] = ids
  end
  ids[#ids + 1] = id
end

collectors[#collectors + 1] = function()
  if not next(endings) then return end
  for state, byTime in pairs(endings) do
    for time, ids in pairs(byTime) do
      for from = 1, #ids, most do
        write('ZADD', key.ended .. state, time, table.concat(ids, ' ', from, math.min(from + most - 1, #ids)))
      end
    end
  end
  endings = {}
end
