-- What stands before the calls of a batch: the server id for new jobs; the jobs that calls are about, each an id and the
-- fence that is to prove something unless it is the one before, so that their records are read at once; and who sends it.
-- gives: server, targets, fences, sender, plainIds, atEnd
server = takeNumber()

targets, fences = {}, {}
local idLength, fence = 19, ''
for i = 1, takeNumber() do
  local ref = take()
  if #ref > idLength then ref, fence = string.sub(ref, 1, idLength), string.sub(ref, idLength + 1) end
  targets[i], fences[i] = ref, fence
end

sender = take()

-- The ids of jobs that were pushed alone, in the order of their calls.
plainIds = {}

-- What is to be done when all calls have been answered.
atEnd = {}
