-- What a move does to a record (core/transitions.ts applyMove).
-- needs: attemptText from format/attempt
-- needs: cutResult from format/cut
-- needs: factLine, classOf, LIVE from format/facts
-- needs: millisText from format/millis
-- needs: HOLDER, NO_HOLD from format/record
-- needs: NO_RESULT, LONG_OUTPUT, resultMarks from format/result
-- needs: SCHEDULED, QUEUED, STOPPING, SUCCEEDED, FAILED from format/states
-- needs: NONE from format/words
-- needs: hintInbox, endedIds from frame/hints
-- needs: call, now, nowText from frame/time
-- needs: write from frame/writes
-- needs: moved from journal/moved
-- needs: addAttempt from jobs/history
-- needs: touch from jobs/records
-- needs: waits from jobs/waits only: limits
-- needs: follow, errorIn, liveLine from definitions/owned
-- gives: applyMove

local function setResult(record, change, kind, result, output)
  if kind == 'keep' then return end
  if record.result ~= NO_RESULT then change.result = false end
  if record.result == LONG_OUTPUT then change.output = false end
  if result then change.result = result end
  if output then change.output = output end
  record.result = resultMarks[kind]
end

-- Nobody holds the job.
local function letGo(record)
  record.started, record.hold, record.deadline = NONE, NO_HOLD, NONE
end

-- The attempt goes from the record into its history, and nobody holds the job.
local function archive(id, record, how, ended, result)
  if record.started ~= NONE then addAttempt(id, record.fence, attemptText(record, how, ended, result)) end
  letGo(record)
end

-- The holder is told, if it is a node; others learn of it when they report.
local function stop(id, record)
  local holder = string.match(record.hold, HOLDER)
  record.state = STOPPING
  if call('HEXISTS', key.nodes, holder) == 0 then return end
  local seq = string.format('%.0f', call('HINCRBY', key.meta, 'inbox', 1))
  write('RPUSH', key.inbox .. holder, seq .. ' ' .. id .. ' ' .. record.fence)
  hintInbox(holder)
end

-- The owner learns of the end of a job, or of its new life.
local function tellOwner(id, record, change, was)
  local class = classOf(record.state, record.lane)
  if class <= LIVE then
    follow(record.owner, id, was, class, liveLine(id, class))
  else
    local result = change.result or change.result == nil and record.result ~= NO_RESULT and call('HGET', key.results, id)
    follow(record.owner, id, was, class, factLine(id, record.ended, class, errorIn(result)))
  end
end

local function restart(id, record, change, keep)
  local state, result = record.state, ''
  -- The whole text of what the record shows.
  if record.result ~= NO_RESULT then result = change.result or call('HGET', key.results, id) or '' end
  if record.result == LONG_OUTPUT then result = result .. (change.output or call('HGET', key.texts, id .. 'o') or '') end
  local isLost = state == FAILED and record.reason == 'lost'
  local how = isLost and 'lost' or state == SUCCEEDED and 'succeeded' or state == FAILED and 'failed' or 'canceled'
  archive(id, record, how, record.ended, cutResult(result, keep))
  record.state, record.reason, record.ended, record.due = QUEUED, NONE, NONE, nowText
  record.run, record.attempt, record.lost = record.run + 1, '0', '0'
  setResult(record, change, 'none')
end

function applyMove(id, record, move, result, output)
  local kind = move.kind
  if kind == 'stop' and record.state == STOPPING then return end
  local change, was = touch(id, record), record.owner ~= NONE and classOf(record.state, record.lane)
  if kind == 'end' then
    record.state, record.reason, record.ended = move.to, move.reason, nowText
    if move.verb == 'lose' then record.lost = record.lost + 1 end
    setResult(record, change, move.result, result, output)
    endedIds[#endedIds + 1] = id
    -- only: limits
    waits.ended(id, move.to)
    -- always
  elseif kind == 'retry' then
    archive(id, record, 'failed', nowText, cutResult((result or '') .. (output or ''), tonumber(move.reason)))
    record.state, record.due = SCHEDULED, millisText(now + move.to)
    setResult(record, change, move.result, result, output)
  elseif kind == 'defer' then
    letGo(record)
    record.state, record.due, record.attempt = SCHEDULED, millisText(now + move.to), record.attempt - 1
    setResult(record, change, move.result, result, output)
  elseif kind == 'release' then
    local isLost = move.to == 'lost'
    archive(id, record, isLost and 'lost' or 'returned', nowText, '')
    record.state, record.attempt = QUEUED, record.attempt - 1
    if isLost then record.lost = record.lost + 1 end
  elseif kind == 'stop' then
    stop(id, record)
  elseif kind == 'restart' then
    restart(id, record, change, tonumber(move.reason))
  else
    error('there is no move ' .. kind)
  end
  moved(move.verb, id)
  if was and was ~= classOf(record.state, record.lane) then tellOwner(id, record, change, was) end
end
