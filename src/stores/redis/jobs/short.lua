-- The short way of usual batches: at most one settle, one push and one claim, in this order, which jobs/port.ts marks as
-- usual. It answers what batch.lua would; or it finds that something is not usual, and then nothing has been written and the
-- files behind this one do the batch. It reads all it needs and then writes, and leaves to the others whatever is not like
-- this:
--   settle  of a running job without an owner, held by a node and proven by its fence: it ends in one way, or is tried again;
--   push    a ready job of an automatic lane, without an owner;
--   claim   of a live node, not known yet, for one worker in any queue, when nothing is due and the worker's ready jobs are
--           of one line, all automatic, never claimed before, with short payloads; beside a push: when no job was ready;
--   all     of one line whose queue has no settings.
-- Then there is nothing to share, to promote, to count against a limit or to take away, and these are the writes of the
-- others; but a job that is pushed and claimed at once never stands in its lane. It is one straight piece, since setting up
-- functions takes as long as all that it does, and a script has of it what its batch needs.
-- needs: attemptText from format/attempt only: moves
-- needs: LONG_PAYLOAD, SEPARATOR from format/body only: jobs.claim
-- needs: cutResult from format/cut only: moves
-- needs: COUNTS, READY_COUNT, RUNNING_COUNT, MANUAL_COUNT, FIRST_COUNT from format/counts
-- needs: ID_LENGTH from format/ids only: jobs.settle
-- needs: millisText from format/millis only: moves
-- needs: PLAIN_END from format/moves only: jobs.settle
-- needs: PLAIN_RETRY from format/moves only: moves
-- needs: NO_HOLD, parseRecord, formatRecord from format/record only: moves
-- needs: fresh, freshLength, beginning from format/record-begun only: jobs.claim
-- needs: endedText from format/record-ended only: jobs.settle
-- needs: newText from format/record-new only: jobs.push
-- needs: plainParts from format/record-plain only: jobs.settle
-- needs: NO_RESULT, ONE_TEXT from format/result only: jobs.settle
-- needs: QUEUED from format/states only: jobs.push
-- needs: SCHEDULED from format/states only: moves
-- needs: NONE from format/words
-- needs: publishHints from frame/publish
-- needs: call, micros, now, nowText from frame/time
-- needs: addEntry from journal/entry
-- needs: leaveClaim from jobs/claim-entry only: jobs.settle
-- needs: addAttempt from jobs/history only: moves
-- needs: nextId, keepLastId from jobs/ids only: jobs.push
-- needs: ACTIVE from nodes/node only: jobs.claim
local ARGV, match, sub, answer = ARGV, string.match, string.sub, nil

repeat
  local at = 5 + ARGV[4]
  local line, worker, queue, counts
  -- The job that is settled: how, and what its record says.
  local settledId, fence, verb, to, reason, delay, keep, result, text, record, mark, rest, itsHolder, itsOperation, itsEntry
  -- The job that is pushed.
  local pushedId, pushedText, fixed, pushLane, pushLine, priority, body
  -- The claim, the jobs that begin, their records and bodies.
  local operation, holder, slots, wait
  local ids, records, bodies = {}, nil, nil

  -- only: jobs.settle
  local kind
  -- Where moves begin, behind the name.
  local from = 13
  settledId, fence = sub(ARGV[5], 1, ID_LENGTH), sub(ARGV[5], ID_LENGTH + 1)
  verb, to, reason, kind = match(ARGV[at], PLAIN_END, from)
  if kind == 'none' then
    at = at + 1
  elseif kind == 'one' then
    result, at = ARGV[at + 1], at + 2
  -- only: moves
  elseif match(ARGV[at], PLAIN_RETRY, from) then
    delay, keep = match(ARGV[at], PLAIN_RETRY, from)
    result, at, verb, to = ARGV[at + 1], at + 3, 'retry', SCHEDULED
  -- only: jobs.settle
  else
    break
  end
  -- only: jobs.push
  fixed, pushLane, pushLine, priority = match(ARGV[at], '^jobs%.push now 0 (((%S+)/0) (%S+) %S+ %-)$')
  if not fixed then break end
  body, at = ARGV[at + 1], at + 2
  -- only: jobs.claim
  operation, holder, worker, slots = sub(ARGV[at], 12), ARGV[at + 1], ARGV[at + 4], tonumber(ARGV[at + 5])
  if ARGV[at + 2] ~= NONE or ARGV[at + 3] ~= '1' or ARGV[at + 6] ~= '-1' or slots == 0 then break end

  -- When more is due, and what is ready.
  local due = call('ZRANGE', key.due, '0', '0', 'WITHSCORES')[2]
  wait = due and tonumber(due) - now
  if due and wait <= 0 then break end
  local queues = call('ZRANGE', key.row .. worker, '0', '1')
  if queues[1] then
    if queues[2] or fixed then break end
    line = worker .. '/' .. queues[1]
    -- More jobs that begin at once are for the others.
    ids = call('ZRANGE', key.lane .. line .. '/0', '0', math.min(slots, 51) - 1)
    if #ids == 0 or #ids > 50 then break end
  end
  -- always

  -- The records of the job that is settled and of those that begin, and who holds what.
  local first = settledId or ids[1]
  local found = first and call('HMGET', key.jobs, first, unpack(ids))
  -- only: jobs.settle
  local itsLine
  text = found[1] or ''
  mark, rest, itsHolder, itsOperation, itsLine = plainParts(text, fence)
  if not mark or (mark == ONE_TEXT and not result) then break end
  if (line and line ~= itsLine) or (holder and holder ~= itsHolder) then break end
  line = itsLine
  -- only: jobs.claim
  local common = beginning(string.format('%.0f', micros), nowText, holder .. ' ' .. operation, NONE)
  if ids[1] then
    records = {}
    bodies = call('HMGET', key.bodies, unpack(ids))
    for i = 1, #ids do
      local ready = found[i + 1] or ''
      if sub(ready, 1, freshLength) ~= fresh or string.byte(bodies[i] or 'l') == LONG_PAYLOAD then break end
      records[i] = common .. sub(ready, freshLength + 1)
    end
    if #records < #ids then break end
  end
  local known = call('HMGET', key.claims .. holder, operation, itsOperation or operation)
  itsEntry = known[2]
  if known[1] or ((fixed or ids[1]) and not string.find(call('HGET', key.nodes, holder) or '', ACTIVE)) then break end
  -- only: jobs.settle
  if not holder then itsEntry = call('HGET', key.claims .. itsHolder, itsOperation) end
  if not itsEntry then break end
  -- only: moves
  if delay then
    record = parseRecord(text)
    if not record then break end
    delay = tonumber(millisText(now + delay)) - now
    if holder and delay <= 0 then break end
    if holder and not (wait and wait < delay) then wait = delay end
  end
  -- only: jobs.push
  if line and line ~= pushLine then break end
  line = pushLine
  -- always

  -- The counts of the line, whose queue has no settings.
  if line then
    local lineWorker
    lineWorker, queue = match(line, '^([^/]+)/([^/]+)$')
    local counted = call('HGET', key.counts, line)
    if not counted or call('HGET', key.queues, queue) then break end
    counts = { match(counted, COUNTS) }
    if counts[MANUAL_COUNT] ~= '0' then break end
    if holder and (#ids ~= math.min(slots, tonumber(counts[READY_COUNT])) or (fixed and worker ~= lineWorker)) then break end
    worker = lineWorker
  end

  -- From here on it writes.
  local puts, moved, replies, held, ended, isReady = {}, {}, {}, 0, '', false
  -- only: jobs.settle
  puts[1] = settledId
  -- only: moves
  if delay then
    addAttempt(settledId, fence, attemptText(record, 'failed', nowText, cutResult(result, tonumber(keep))))
    record.state, record.result, record.started, record.hold = SCHEDULED, ONE_TEXT, NONE, NO_HOLD
    record.due = string.format('%.0f', now + delay)
    puts[2] = formatRecord(record)
    call('ZADD', key.due, record.due, settledId)
  end
  -- only: jobs.settle
  if not delay then
    puts[2], ended = endedText(to, result and ONE_TEXT or NO_RESULT, fence, nowText, reason, rest), settledId
    call('ZADD', key.ended .. to, nowText, settledId)
  end
  if result then call('HSET', key.results, settledId, result) end
  leaveClaim(itsHolder, itsOperation, itsEntry, 1)
  counts[to + FIRST_COUNT] = counts[to + FIRST_COUNT] + 1
  held = held - 1
  moved[1] = verb .. ' ' .. settledId
  replies[1] = 1
  -- only: jobs.push
  local made
  pushedId, made = nextId()
  pushedText = newText(QUEUED, fixed, made)
  keepLastId()
  call('HSET', key.bodies, pushedId, body)
  call('ZADD', key.ids, '0', pushedId)
  moved[#moved + 1] = 'push ' .. pushedId
  replies[#replies + 1] = pushedId
  if not holder then
    local before = tonumber(counts[READY_COUNT])
    call('ZADD', key.lane .. pushLane, string.format('%d', -tonumber(priority)), pushedId)
    if before == 0 then call('ZADD', key.row .. worker, call('HINCRBY', key.meta, 'turn', '1'), queue) end
    counts[READY_COUNT], isReady = before + 1, true
    puts[#puts + 1] = pushedId
    puts[#puts + 1] = pushedText
  end
  -- only: jobs.claim
  local shown, parts = { wait and string.format('%.0f', math.ceil(wait)) or '' }, {}
  replies[#replies + 1] = shown
  if pushedId then
    -- One that is claimed at once needs no place in a lane.
    ids, bodies, records = { pushedId }, { body }, { common .. sub(pushedText, freshLength + 1) }
  elseif ids[1] then
    call('ZREM', key.lane .. line .. '/0', unpack(ids))
    counts[READY_COUNT] = counts[READY_COUNT] - #ids
    if counts[READY_COUNT] == 0 then call('ZREM', key.row .. worker, queue) end
  end
  if ids[1] then
    for i = 1, #ids do
      puts[#puts + 1] = ids[i]
      puts[#puts + 1] = records[i]
      parts[i] = ids[i] .. ' ' .. records[i] .. '\n' .. bodies[i]
    end
    shown[2] = table.concat(parts, SEPARATOR)
    local begun = table.concat(ids, ' ')
    call('HSET', key.claims .. holder, operation, begun)
    held = held + #ids
    moved[#moved + 1] = 'claim ' .. begun
  end
  -- always

  -- The records, the counts, one entry of the journal, hints.
  if line then
    counts[RUNNING_COUNT] = counts[RUNNING_COUNT] + held
    if held ~= 0 then call('HINCRBY', key.busy, queue, held) end
    call('HSET', key.counts, line, table.concat(counts, ' '))
    call('HSET', key.jobs, unpack(puts))
    addEntry('moved', table.concat(moved, ';'))
  end
  replies[#replies + 1] = publishHints(isReady and worker, ended, '', false)
  answer = replies
until true

if answer then return answer end
