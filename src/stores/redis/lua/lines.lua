-- Lines: the jobs of one worker in one queue, how many of them are in which state, and which of them may be claimed.
-- A lane is one half of a line: `worker/queue/1` is the manual one, `worker/queue/0` the other.
-- gives: count, readCounts, standInRow
local deltas, touched = {}, {}
local indexOf = { [SCHEDULED] = 1, [QUEUED] = 2, [RUNNING] = 3, [STOPPING] = 4, [SUCCEEDED] = 5, [FAILED] = 6, [CANCELED] = 7 }
-- What has been counted and not yet been noted: jobs of one lane often move together.
local runLane, runFrom, runTo, runJobs = nil, nil, nil, 0

local function noteRun()
  local line = string.sub(runLane, 1, -3)
  local delta = deltas[line]
  if not delta then
    delta = { 0, 0, 0, 0, 0, 0, 0 }
    deltas[line] = delta
    touched[#touched + 1] = line
  end
  if runFrom then delta[indexOf[runFrom]] = delta[indexOf[runFrom]] - runJobs end
  if runTo then delta[indexOf[runTo]] = delta[indexOf[runTo]] + runJobs end
end

-- Counts so many jobs out of a state and into another; nil stands for "there is no such job".
function count(lane, from, to, jobs)
  if lane == runLane and from == runFrom and to == runTo then
    runJobs = runJobs + jobs
    return
  end
  if runLane then noteRun() end
  runLane, runFrom, runTo, runJobs = lane, from, to, jobs
end

function readCounts(text)
  if not text then return { 0, 0, 0, 0, 0, 0, 0 } end
  return { string.match(text, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$') }
end

-- A line with ready jobs stands in its worker's row, behind those that were there before.
function standInRow(worker, queue, isReady)
  if isReady then write('ZADD', key.row .. worker, call('HINCRBY', key.meta, 'turn', 1), queue)
  else write('ZREM', key.row .. worker, queue) end
end

local function countLine(line, delta, counts)
  local before, total = tonumber(counts[2]), 0
  for i = 1, 7 do
    counts[i] = counts[i] + delta[i]
    total = total + counts[i]
  end
  local after, held = counts[2], delta[3] + delta[4]
  local worker, queue = string.match(line, '^([^/]+)/([^/]+)$')
  if total == 0 then write('HDEL', key.counts, line) else write('HSET', key.counts, line, table.concat(counts, ' ')) end
  if (before == 0) ~= (after == 0) then standInRow(worker, queue, after > 0) end
  if after == 0 then readyLines[line] = nil elseif after > before then readyLines[line] = true end
  if held == 0 then return end
  call('HINCRBY', key.busy, queue, held)
  -- A place that has fallen free may be what another job of the queue waited for, if its concurrency is limited.
  local settings = held < 0 and call('HGET', key.queues, queue)
  if settings and not string.find(settings, '^%d none') then readyLines[''] = true end
end

beforeFlush[#beforeFlush + 1] = function()
  if not runLane then return end
  noteRun()
  runLane = nil
  local known = ask('HMGET', key.counts, touched)
  for i, line in ipairs(touched) do countLine(line, deltas[line], readCounts(known[i])) end
  deltas, touched = {}, {}
end
