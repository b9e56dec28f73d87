-- Lines: the jobs of one worker in one queue, how many of them are in which state, and which of them may be claimed.
-- A lane is one half of a line: `worker/queue/1` is the manual one, `worker/queue/0` the other.
-- Counts are read once, and kept when all calls have been answered.
-- gives: count, countsOf, busyIn, keepCounts, standInRow
local deltas, touched = {}, {}
local indexOf = { [SCHEDULED] = 1, [QUEUED] = 2, [RUNNING] = 3, [STOPPING] = 4, [SUCCEEDED] = 5, [FAILED] = 6, [CANCELED] = 7 }
-- Behind the states: the ready jobs of the manual lane.
local READY, MANUAL = 2, 8
-- What has been counted and not yet been noted: jobs of one lane often move together.
local runLane, runFrom, runTo, runJobs = nil, nil, nil, 0

local function noteRun()
  local line = string.sub(runLane, 1, -3)
  local delta = deltas[line]
  if not delta then
    delta = { 0, 0, 0, 0, 0, 0, 0, 0 }
    deltas[line] = delta
    touched[#touched + 1] = line
  end
  local ready = delta[READY]
  if runFrom then delta[indexOf[runFrom]] = delta[indexOf[runFrom]] - runJobs end
  if runTo then delta[indexOf[runTo]] = delta[indexOf[runTo]] + runJobs end
  if string.sub(runLane, -1) == '1' then delta[MANUAL] = delta[MANUAL] + delta[READY] - ready end
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

-- A line with ready jobs stands in its worker's row, behind those that were there before.
function standInRow(worker, queue, isReady)
  if isReady then write('ZADD', key.row .. worker, call('HINCRBY', key.meta, 'turn', 1), queue)
  else write('ZREM', key.row .. worker, queue) end
end

-- By line; and those of them that have changed.
local known, changed = {}, {}
-- By queue: by how many more or fewer of its jobs are held.
local busy = {}

local function addDelta(line, counts, delta)
  local before, held = counts[READY], delta[3] + delta[4]
  for i = 1, MANUAL do counts[i] = counts[i] + delta[i] end
  changed[line] = counts
  local after = counts[READY]
  local worker, queue = string.match(line, '^([^/]+)/([^/]+)$')
  if (before == 0) ~= (after == 0) then standInRow(worker, queue, after > 0) end
  if after == 0 then readyLines[line] = nil elseif after > before then readyLines[line] = true end
  if held == 0 then return end
  busy[queue] = (busy[queue] or 0) + held
  -- A place that has fallen free may be what another job of the queue waited for.
  local settings = held < 0 and settingsOf(queue)
  if settings and settings.concurrency then readyLines[''] = true end
end

local function readLines(lines)
  local missing = {}
  for _, line in ipairs(lines) do
    if not known[line] then missing[#missing + 1] = line end
  end
  for i, text in ipairs(ask('HMGET', key.counts, missing)) do
    local counts = { 0, 0, 0, 0, 0, 0, 0, 0 }
    local at = 0
    for number in string.gmatch(text or '', '%d+') do
      at = at + 1
      counts[at] = tonumber(number)
    end
    known[missing[i]] = counts
  end
end

local function noteCounts()
  if not runLane then return end
  noteRun()
  runLane = nil
  readLines(touched)
  for _, line in ipairs(touched) do addDelta(line, known[line], deltas[line]) end
  deltas, touched = {}, {}
end

beforeFlush[#beforeFlush + 1] = noteCounts

-- The counts of each of these lines, as they are now.
function countsOf(lines)
  noteCounts()
  readLines(lines)
  local counts = {}
  for i, line in ipairs(lines) do counts[i] = known[line] end
  return counts
end

-- How many jobs of the queue are held.
function busyIn(queue)
  return tonumber(call('HGET', key.busy, queue) or 0) + (busy[queue] or 0)
end

-- Nothing stays of a line without jobs.
local function dropLine(line)
  write('HDEL', key.counts, line)
  write('HDEL', key.turns, line)
  local queue = string.match(line, '/([^/]+)$')
  if call('HGET', key.busy, queue) == '0' then call('HDEL', key.busy, queue) end
end

function keepCounts()
  for queue, held in pairs(busy) do
    if held ~= 0 then call('HINCRBY', key.busy, queue, held) end
  end
  for line, counts in pairs(changed) do
    local total = 0
    for i = 1, 7 do total = total + counts[i] end
    if total == 0 then dropLine(line)
    else write('HSET', key.counts, line, string.format('%d %d %d %d %d %d %d %d', unpack(counts))) end
  end
  changed, busy = {}, {}
end
