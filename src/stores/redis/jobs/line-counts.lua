-- Lines: the jobs of one worker in one queue, how many of them are in which state, and which of them may be claimed.
-- A lane is one half of a line: `worker/queue/1` is the manual one, `worker/queue/0` the other.
-- Counts are read once, and kept when all calls have been answered.
-- needs: READY_COUNT, RUNNING_COUNT, STOPPING_COUNT, MANUAL_COUNT, FIRST_COUNT, parseCounts, formatCounts from format/counts
-- needs: hintReady from frame/hints
-- needs: call from frame/time
-- needs: ask, write, collectors, finishers from frame/writes
-- needs: addBusy, keepBusy from queues/busy
-- needs: settingsOf from queues/settings
-- gives: LINE_PARTS, lineOf, count, countsOf, keepCounts, standInRow
local deltas, touched = {}, {}
-- What has been counted and not yet been noted: jobs of one lane often move together.
local runLane, runFrom, runTo, runJobs = nil, nil, nil, 0

-- Of a line, its worker and its queue.
LINE_PARTS = '^([^/]+)/([^/]+)$'

function lineOf(lane)
  return string.sub(lane, 1, -3)
end

-- By line; and those of them that have changed.
local known, changed = {}, {}

local function readLines(lines)
  local missing = {}
  for _, line in ipairs(lines) do
    if not known[line] then missing[#missing + 1] = line end
  end
  for i, text in ipairs(ask('HMGET', key.counts, missing)) do known[missing[i]] = parseCounts(text) end
end

local hasLost = {}

-- Nothing stays of a line without jobs: others that come to it begin anew, also within one step.
local function forgetTurn(line)
  readLines({ line })
  local counts, delta, total = known[line], deltas[line], 0
  for i = 1, MANUAL_COUNT - 1 do total = total + counts[i] + (delta and delta[i] or 0) end
  if total == 0 then call('HDEL', key.turns, line) end
end

local function noteRun()
  local line = lineOf(runLane)
  if not runFrom and hasLost[line] then forgetTurn(line) end
  if not runTo then hasLost[line] = true end
  local delta = deltas[line]
  if not delta then
    delta = parseCounts(nil)
    deltas[line] = delta
    touched[#touched + 1] = line
  end
  local ready = delta[READY_COUNT]
  if runFrom then
    local from = runFrom + FIRST_COUNT
    delta[from] = delta[from] - runJobs
  end
  if runTo then
    local to = runTo + FIRST_COUNT
    delta[to] = delta[to] + runJobs
  end
  if string.sub(runLane, -1) == '1' then delta[MANUAL_COUNT] = delta[MANUAL_COUNT] + delta[READY_COUNT] - ready end
end

-- Counts jobs out of a state and into another; nil stands for "there is no such job".
function count(lane, from, to, jobs)
  if lane == runLane and from == runFrom and to == runTo then
    runJobs = runJobs + jobs
    return
  end
  if runLane then noteRun() end
  runLane, runFrom, runTo, runJobs = lane, from, to, jobs
end

-- A line with ready jobs stands in its worker's row, behind those that were there before.
function standInRow(line, isReady)
  local worker, queue = string.match(line, LINE_PARTS)
  if isReady then write('ZADD', key.row .. worker, call('HINCRBY', key.meta, 'turn', 1), queue)
  else write('ZREM', key.row .. worker, queue) end
end

local function addDelta(line, counts, delta)
  local before, held = counts[READY_COUNT], delta[RUNNING_COUNT] + delta[STOPPING_COUNT]
  for i = 1, MANUAL_COUNT do counts[i] = counts[i] + delta[i] end
  changed[line] = counts
  local after = counts[READY_COUNT]
  if (before == 0) ~= (after == 0) then standInRow(line, after > 0) end
  if after == 0 then hintReady(line, false) elseif after > before then hintReady(line, true) end
  if held == 0 then return end
  local _, queue = string.match(line, LINE_PARTS)
  addBusy(queue, held)
  -- A place that has fallen free may be what another job of the queue waited for.
  local settings = held < 0 and settingsOf(queue)
  if settings and settings.concurrency then hintReady('', true) end
end

local function noteCounts()
  if not runLane then return end
  noteRun()
  runLane = nil
  readLines(touched)
  for _, line in ipairs(touched) do addDelta(line, known[line], deltas[line]) end
  deltas, touched = {}, {}
end

collectors[#collectors + 1] = noteCounts

-- The counts of each of these lines, as they are now.
function countsOf(lines)
  noteCounts()
  readLines(lines)
  local counts = {}
  for i, line in ipairs(lines) do counts[i] = known[line] end
  return counts
end

function keepCounts()
  keepBusy()
  for line, counts in pairs(changed) do
    local total = 0
    for i = 1, MANUAL_COUNT - 1 do total = total + counts[i] end
    if total > 0 then
      write('HSET', key.counts, line, formatCounts(counts))
    else
      -- Nothing stays of a line without jobs.
      local _, queue = string.match(line, LINE_PARTS)
      write('HDEL', key.counts, line)
      write('HDEL', key.turns, line)
      if call('HGET', key.busy, queue) == '0' then call('HDEL', key.busy, queue) end
    end
  end
  changed = {}
end

finishers[#finishers + 1] = keepCounts
