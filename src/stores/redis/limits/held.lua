-- How many jobs run under each key, while any limit asks for that or a job waits for one; else all that this costs is to ask whether.
-- Jobs that wait parked are queued, and counted so, but stand in no lane: under the key for which they wait.
-- needs: hintReady from frame/hints
-- needs: call from frame/time
-- needs: write, flush, finishers from frame/writes
-- needs: limits from limits/limits
-- gives: held
held = {}
local isParking = nil
-- By key, once this script has looked or changed it.
local running, changed = {}, {}

function held.isCounted()
  if isParking == nil then isParking = call('EXISTS', key.parking) == 1 end
  return isParking
end

-- From now on it is counted; `counts` are those of the records.
function held.begin(counts)
  isParking, running, changed = true, counts, {}
  call('SET', key.parking, '1')
  call('DEL', key.heldUnder)
  for word in pairs(counts) do changed[word] = true end
end

-- From now on it is not, once no limit asks for it and nobody waits.
function held.endUnlessAsked()
  if not held.isCounted() or call('EXISTS', key.parkedKeys) == 1 or limits.holdBack() then return end
  isParking, running, changed = false, {}, {}
  call('DEL', key.parking, key.heldUnder, key.roomy, key.resumes)
end

function held.under(word)
  if not running[word] then running[word] = tonumber(call('HGET', key.heldUnder, word) or 0) or 0 end
  return running[word]
end

-- So many more, or fewer, jobs of these keys run.
function held.add(words, jobs)
  for _, word in ipairs(words) do running[word], changed[word] = held.under(word) + jobs, true end
end

-- A job is held no more: others may have waited for that.
function held.freed(id, lane)
  if not held.isCounted() then return end
  local body = call('HGET', key.bodies, id)
  if not body then return end
  local words = limits.keysIn(lane, body)
  held.add(words, -1)
  for _, word in ipairs(words) do
    if call('HEXISTS', key.parkedKeys, word) == 1 then
      write('HSET', key.roomy, word, '1')
      hintReady('', true)
    end
  end
end

-- Of every key for which jobs wait, more may run now, perhaps.
function held.allMayHaveRoom()
  flush()
  -- In one command, however many they are.
  call('COPY', key.parkedKeys, key.roomy, 'REPLACE')
end

-- What this script has counted is among the writes from here on.
function held.keep()
  for word in pairs(changed) do
    if running[word] ~= 0 then write('HSET', key.heldUnder, word, running[word]) else write('HDEL', key.heldUnder, word) end
  end
  changed = {}
end

finishers[#finishers + 1] = held.keep
