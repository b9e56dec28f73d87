-- The jobs that calls are about, in the order of the calls: each an id and the fence that is to prove something, unless it
-- is the one before. Their records are read at once.
-- needs: ID_LENGTH from format/ids
-- needs: load from jobs/texts
-- gives: takeTarget
local ARGV = ARGV
local ids, fences, fence = {}, {}, ''
for i = 1, ARGV[4] do
  local ref = ARGV[4 + i]
  if #ref > ID_LENGTH then ref, fence = string.sub(ref, 1, ID_LENGTH), string.sub(ref, ID_LENGTH + 1) end
  ids[i], fences[i] = ref, fence
end
load(ids)

local target = 0

-- An id, and the fence that is to prove something.
function takeTarget()
  target = target + 1
  return ids[target], fences[target]
end
