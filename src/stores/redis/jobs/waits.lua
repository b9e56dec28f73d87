-- Which jobs wait for which, and ends of which those have not been told (core/after.ts); else all that this costs is to ask whether any
-- wait. Of a job that waits it is kept what the failure of others does to it, `cancel` or `start`, and their ids.
-- needs: idsIn from format/ids
-- needs: hintReady from frame/hints
-- needs: call from frame/time
-- needs: write from frame/writes
-- gives: waits
waits = {}
local isAny = nil

function waits.isAny()
  if isAny == nil then isAny = call('EXISTS', key.waits, key.awaitedEnds) > 0 end
  return isAny
end

-- At once: a later call of this script may end one of them.
function waits.begin(id, onFailure, ids)
  isAny = true
  call('HSET', key.waits, id, onFailure .. ' ' .. table.concat(ids, ' '))
  for _, awaited in ipairs(ids) do call('ZADD', key.waiting .. awaited, '0', id) end
end

-- It waits for none any more.
function waits.forget(id)
  local text = waits.isAny() and call('HGET', key.waits, id)
  if not text then return end
  write('HDEL', key.waits, id)
  for _, awaited in ipairs(idsIn(text)) do write('ZREM', key.waiting .. awaited, id) end
end

-- A job has ended: those that wait for it, if any, are to be told.
function waits.ended(id, state)
  if not waits.isAny() or call('EXISTS', key.waiting .. id) == 0 then return end
  write('ZADD', key.awaitedEnds, state, id)
  hintReady('', true)
end
