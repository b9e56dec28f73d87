-- How many jobs of each queue are held: what its concurrency limits.
-- needs: call from frame/time
-- gives: busyIn, addBusy, keepBusy

-- By queue: by how many more or fewer.
local changes = {}

function busyIn(queue)
  return (tonumber(call('HGET', key.busy, queue) or 0) or 0) + (changes[queue] or 0)
end

function addBusy(queue, jobs)
  -- What cannot be added to is found before anything is written.
  if not changes[queue] and not tonumber(call('HGET', key.busy, queue) or 0) then call('HDEL', key.busy, queue) end
  changes[queue] = (changes[queue] or 0) + jobs
end

function keepBusy()
  for queue, jobs in pairs(changes) do
    if jobs ~= 0 then call('HINCRBY', key.busy, queue, jobs) end
  end
  changes = {}
end
