-- Records that go, with all that belongs to them.
-- needs: SUCCEEDED, FAILED from format/states only: limits
-- needs: NONE from format/words
-- needs: call from frame/time
-- needs: write from frame/writes
-- needs: touch from jobs/records
-- needs: waits from jobs/waits only: limits
-- gives: forgetUnique, removeJob
local isAnyUnique

-- It is not the unique job of its scope any more. Where there are none that costs a question for each script.
function forgetUnique(id)
  if isAnyUnique == nil then isAnyUnique = call('EXISTS', key.uniqueScopes) == 1 end
  local scope = isAnyUnique and call('HGET', key.uniqueScopes, id)
  if not scope then return end
  write('HDEL', key.uniqueScopes, id)
  if string.match(call('HGET', key.uniques, scope) or '', '^%d+') == id then write('HDEL', key.uniques, scope) end
end

local function removes(id, was)
  if was.index then write('ZREM', was.index, id) end
  if was.deadline ~= NONE then write('ZREM', key.deadlines, id) end
  write('ZREM', key.ids, id)
  write('HDEL', key.jobs, id)
  write('HDEL', key.bodies, id)
  write('HDEL', key.results, id)
  write('HDEL', key.texts, id .. 'p', id .. 'o')
  write('HDEL', key.logs, id)
  forgetUnique(id)
  -- only: limits
  if was.state < SUCCEEDED then waits.ended(id, FAILED) end
  -- always
  write('ZREM', key.expiries, id)
  call('UNLINK', key.attempts .. id, key.lines .. id)
end

function removeJob(id, record)
  touch(id, record).removes = removes
end
