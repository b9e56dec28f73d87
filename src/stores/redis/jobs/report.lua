-- jobs.report: what a holder tells of its attempt while it runs.
-- needs: millisText from format/millis
-- needs: LINE_PLACE, LINE_SIZE, parseLog, formatLog, KEPT_LINES, KEPT_CHARACTERS from format/log
-- needs: STOPPING from format/states
-- needs: wholeIn from format/whole
-- needs: NONE from format/words
-- needs: take, takeNumber, verbs from frame/tape
-- needs: call, now, nowText from frame/time
-- needs: pushJobs, skipJobs from jobs/push only: pushes
-- needs: findHeld, touch from jobs/records
-- needs: takeTarget from jobs/targets

-- Lines are looked at in pieces when the oldest go.
local piece = 16

local function takeLines(count)
  local lines = {}
  for i = 1, count do lines[i] = { number = takeNumber(), size = takeNumber(), ago = takeNumber(), text = take() } end
  return lines
end

-- A report that is repeated tells nothing new, and numbers that were passed over are lines that its holder did not keep.
local function addLines(id, log, fence, lines)
  local name, told = key.lines .. id, log.fence == fence and log.number or 0
  for _, line in ipairs(lines) do
    if line.number > told then
      local at = string.format('%.0f', math.max(0, math.floor(now - line.ago)))
      call('RPUSH', name, fence .. ' ' .. string.format('%.0f', line.number) .. ' ' .. at .. ' ' .. line.size .. ' ' .. line.text)
      log.dropped = log.dropped + line.number - told - 1
      log.lines, log.size = log.lines + 1, log.size + line.size
      log.fence, log.number, told = fence, line.number, line.number
    end
  end
end

local function sizeOf(line)
  return wholeIn(string.match(line, LINE_SIZE)) or 0
end

-- The log as its lines tell it, if what was kept of them was damaged.
local function recounted(id)
  local log, found = parseLog(nil), call('LRANGE', key.lines .. id, 0, -1)
  for i = 1, #found do log.lines, log.size = log.lines + 1, log.size + sizeOf(found[i]) end
  local fence, number = string.match(found[#found] or '', LINE_PLACE)
  if wholeIn(number) then log.fence, log.number = fence, tonumber(number) end
  return log
end

local function isTooMuch(log)
  return log.lines > KEPT_LINES or log.size > KEPT_CHARACTERS
end

-- The oldest lines that are too many go.
local function trim(id, log)
  local name, from = key.lines .. id, 0
  while isTooMuch(log) do
    local found = call('LRANGE', name, from, from + piece - 1)
    if #found == 0 then break end
    for i = 1, #found do
      if not isTooMuch(log) then break end
      log.lines, log.size, log.dropped = log.lines - 1, log.size - sizeOf(found[i]), log.dropped + 1
      from = from + 1
    end
  end
  if from > 0 then call('LTRIM', name, from, -1) end
end

local function tell(id, fence, progress, lines)
  local log = parseLog(call('HGET', key.logs, id)) or recounted(id)
  if progress then log.progressFence, log.progressAt, log.progress = fence, nowText, progress end
  local known = #lines > 0 and log.fence == fence and log.number or 0
  addLines(id, log, fence, lines)
  trim(id, log)
  call('HSET', key.logs, id, formatLog(log))
  return known
end

-- Answers how it stands, what became of the jobs that are pushed with it, and the newest line that had been told before.
verbs['jobs.report'] = function(spec)
  local ttl, hasProgress, count, hasJobs = string.match(spec, '^(%S+) (%d) (%d+) (%d)$')
  local id, fence = takeTarget()
  local record, progress, pushed = findHeld(id, fence), hasProgress == '1' and take(), ''
  local lines = takeLines(tonumber(count))
  -- only: pushes
  if hasJobs == '1' then
    if record then pushed = pushJobs() else skipJobs() end
  end
  -- always
  if not record then return 'lost' end
  if ttl ~= NONE and record.deadline ~= NONE then
    touch(id, record)
    record.deadline = millisText(now + ttl)
  end
  local known = (progress or #lines > 0) and tell(id, fence, progress, lines) or 0
  return { record.state == STOPPING and 'stopping' or 'reported', pushed, string.format('%.0f', known) }
end
