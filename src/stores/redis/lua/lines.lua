-- Lines: the jobs of one worker in one queue, how many of them are in which state, and which of them may be claimed.
-- A lane is one half of a line: `worker/queue/1` is the manual one, `worker/queue/0` the other.
-- gives: wordsOf, count, readCounts, enterRow, leaveRow, keepCounts
local deltas, touched = {}, {}
local places = {}

function wordsOf(line)
  local place = places[line]
  if not place then
    local worker, queue = match(line, '^([^/]+)/([^/]+)$')
    place = { worker = worker, queue = queue }
    places[line] = place
  end
  return place
end

local lineOfLane = {}
-- What has been counted and not yet been noted: jobs of one lane often move together.
local runLane, runFrom, runTo, runJobs = nil, nil, nil, 0
local indexOf = { [SCHEDULED] = 1, [QUEUED] = 2, [RUNNING] = 3, [STOPPING] = 4, [SUCCEEDED] = 5, [FAILED] = 6, [CANCELED] = 7 }

local function note(lane, from, to, jobs)
  local line = lineOfLane[lane]
  if not line then
    line = sub(lane, 1, -3)
    lineOfLane[lane] = line
  end
  local delta = deltas[line]
  if not delta then
    delta = { 0, 0, 0, 0, 0, 0, 0 }
    deltas[line] = delta
    touched[#touched + 1] = line
  end
  if from then delta[indexOf[from]] = delta[indexOf[from]] - jobs end
  if to then delta[indexOf[to]] = delta[indexOf[to]] + jobs end
end

-- Counts so many jobs out of a state and into another; nil stands for "there is no such job".
function count(lane, from, to, jobs)
  if lane == runLane and from == runFrom and to == runTo then
    runJobs = runJobs + jobs
    return
  end
  if runLane then note(runLane, runFrom, runTo, runJobs) end
  runLane, runFrom, runTo, runJobs = lane, from, to, jobs
end

local countsPattern = '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$'

function readCounts(text)
  if not text then return { 0, 0, 0, 0, 0, 0, 0 } end
  return { match(text, countsPattern) }
end

-- A line with ready jobs stands in its worker's row, behind those that were there before.
function enterRow(line)
  local place = wordsOf(line)
  write('ZADD', key.row .. place.worker, call('HINCRBY', key.meta, 'turn', 1), place.queue)
end

function leaveRow(line)
  local place = wordsOf(line)
  write('ZREM', key.row .. place.worker, place.queue)
end

-- Whether a place that has fallen free in the queue may be what another job of it waited for.
local function freesPlace(queue)
  local settings = call('HGET', key.queues, queue)
  return settings and not find(settings, '^%d none')
end

local function countLine(line, delta, counts)
  local before = tonumber(counts[2])
  local total = 0
  for i = 1, 7 do
    counts[i] = counts[i] + delta[i]
    total = total + counts[i]
  end
  local after = counts[2]
  if total == 0 then write('HDEL', key.counts, line) else write('HSET', key.counts, line, concat(counts, ' ')) end
  if before == 0 and after > 0 then enterRow(line) elseif before > 0 and after == 0 then leaveRow(line) end
  if after == 0 then readyLines[line] = nil elseif after > before then readyLines[line] = true end
  local held = delta[3] + delta[4]
  if held ~= 0 then
    local queue = wordsOf(line).queue
    call('HINCRBY', key.busy, queue, held)
    if held < 0 and freesPlace(queue) then readyAnyway() end
  end
end

function keepCounts()
  if runLane then
    note(runLane, runFrom, runTo, runJobs)
    runLane = nil
  end
  if #touched == 0 then return end
  local known = ask('HMGET', key.counts, touched)
  for i, line in ipairs(touched) do countLine(line, deltas[line], readCounts(known[i])) end
  deltas, touched = {}, {}
end
