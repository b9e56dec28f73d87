-- Which jobs have ended, by the time of their end. Jobs that ended together have one entry, the ids in it divided by blanks:
-- that takes a fraction of the time and memory of an entry each. What a restart or a removal leaves behind in an entry does
-- not count: a record says when its job has ended.
-- gives: addEnding
local most = 500
-- By state and time.
local endings = {}

function addEnding(state, time, id)
  local entry = state .. time
  local ids = endings[entry]
  if not ids then
    ids = { state = state, time = time }
    endings[entry] = ids
  end
  ids[#ids + 1] = id
end

beforeFlush[#beforeFlush + 1] = function()
  if not next(endings) then return end
  for _, ids in pairs(endings) do
    for from = 1, #ids, most do
      write('ZADD', key.ended .. ids.state, ids.time, table.concat(ids, ' ', from, math.min(from + most - 1, #ids)))
    end
  end
  endings = {}
end
