-- Records that go, with all that belongs to them.
-- needs: NONE from format/words
-- needs: call from frame/time
-- needs: write from frame/writes
-- needs: touch from jobs/records
-- gives: removeJob

local function removes(id, was)
  if was.index then write('ZREM', was.index, id) end
  if was.deadline ~= NONE then write('ZREM', key.deadlines, id) end
  write('ZREM', key.ids, id)
  write('HDEL', key.jobs, id)
  write('HDEL', key.bodies, id)
  write('HDEL', key.results, id)
  write('HDEL', key.texts, id .. 'p', id .. 'o')
  write('HDEL', key.logs, id)
  call('UNLINK', key.attempts .. id, key.lines .. id)
end

function removeJob(id, record)
  touch(id, record).removes = removes
end
