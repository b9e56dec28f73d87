-- The usual batch done the short way: at most one finish, one push and one claim, in this order, as scripts.ts chooses it.
-- Gives the replies of batch.lua; or nothing, and then nothing has been written and the files behind this one do the batch.
-- It reads all it needs before it writes, and leaves to them whatever is not like this:
--   finish  one plain end of a running job that has no result yet, is held by a node and proven by its fence;
--   push    a ready job of an automatic lane;
--   claim   of a live node, not known yet, for one worker in any queue, when nothing is due and the worker's ready jobs are
--           of one line, all automatic, never begun, with short payloads; beside a push: when no job was ready before;
--   all     of one line whose queue has no settings.
-- Then there is nothing to share, to promote, to count against a limit or to take away, and these are the writes of the
-- others; but a job that is pushed and claimed at once never stands in its lane.
-- gives: usualReplies
local at = 5 + #targets
local READY, MANUAL = 2, 8
-- More jobs that begin at once are for the others.
local most = 50

local function takeFinish()
  local verb, to, reason, kind = string.match(ARGV[at], '^finish 23 end (%S+) (%d) (%S+) (%S+)$')
  if kind ~= 'none' and kind ~= 'one' then return nil end
  local result = kind == 'one' and ARGV[at + 1]
  at = at + (result and 2 or 1)
  -- Behind these stands what is read of it: a table that grows costs more.
  return {
    verb = verb, to = to, reason = reason, result = result,
    rest = false, holder = false, operation = false, line = false, begun = false,
  }
end

local function takePush()
  local lane, line, words = string.match(ARGV[at], '^push now 0 ((%S+)/0) (%S+ %S+)$')
  at = at + 2
  return line and { lane = lane, line = line, words = words, body = ARGV[at - 1] } or nil
end

local function takeClaim()
  local _, operation, holder, ttl, wants, worker, slots, queues = unpack(ARGV, at, at + 7)
  if ttl ~= none or wants ~= '1' or queues ~= '-1' or slots == '0' then return nil end
  return { operation = operation, holder = holder, worker = worker, slots = tonumber(slots), ids = {} }
end

-- The calls, each false if there is none; nil if one is unusual.
local function takeCalls()
  local finish = #targets > 0 and takeFinish()
  if finish == nil then return nil end
  local push = string.sub(ARGV[at] or '', 1, 5) == 'push ' and takePush()
  if push == nil then return nil end
  return finish, push, ARGV[at] ~= nil and takeClaim()
end

-- When more is due, and what is ready: false if this is unusual.
local function readReady(claim, push)
  local due = call('ZRANGE', key.due, '0', '0', 'WITHSCORES')[2]
  claim.wait = due and tonumber(due) - now
  if due and claim.wait <= 0 then return false end
  local queues = call('ZRANGE', key.row .. claim.worker, '0', '1')
  if #queues == 0 then return true end
  if #queues > 1 or push then return false end
  claim.line = claim.worker .. '/' .. queues[1]
  claim.ids = call('ZRANGE', key.lane .. claim.line .. '/0', 0, math.min(claim.slots, most + 1) - 1)
  return #claim.ids > 0 and #claim.ids <= most
end

-- The records of the job that ends and of those that begin: false if one is unusual.
local function readJobs(finish, claim)
  local ids = claim and claim.ids or {}
  if #ids == 0 and not finish then return true end
  local records
  if not finish then records = call('HMGET', key.jobs, unpack(ids))
  else records = call('HMGET', key.jobs, targets[1], unpack(ids)) end
  if finish then
    local pattern = '^2 0 ' .. fences[1] .. ' %- %- (%d+ (%S+) (%S+) %- %d+ (%S+)/[01] .+)$'
    finish.rest, finish.holder, finish.operation, finish.line = string.match(table.remove(records, 1) or '', pattern)
    if not finish.line then return false end
  end
  for i = 1, #ids do
    if string.sub(records[i] or '', 1, #freshStart) ~= freshStart then return false end
  end
  if #ids == 0 then return true end
  claim.records, claim.bodies = records, call('HMGET', key.bodies, unpack(ids))
  for i = 1, #ids do
    if string.sub(claim.bodies[i] or 'l', 1, 1) == 'l' then return false end
  end
  return true
end

-- The claims of the holder: false if this is unusual.
local function readClaims(finish, push, claim)
  if not claim then
    finish.begun = call('HGET', key.claims .. finish.holder, finish.operation)
    return finish.begun
  end
  if finish and finish.holder ~= claim.holder then return false end
  local known = call('HMGET', key.claims .. claim.holder, claim.operation, finish and finish.operation or claim.operation)
  if known[1] or (finish and not known[2]) then return false end
  if finish then finish.begun = known[2] end
  if not push and #claim.ids == 0 then return true end
  return string.sub(call('HGET', key.nodes, claim.holder) or '', 1, 7) == 'active '
end

-- The counts of the line (lines.lua) by a queue without settings: nil if this is unusual.
local function readCounts(line, claim)
  local worker, queue = string.match(line, '^([^/]+)/([^/]+)$')
  local text = call('HGET', key.counts, line)
  if not text or call('HGET', key.queues, queue) then return nil end
  local counts = { string.match(text, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$') }
  counts[READY] = tonumber(counts[READY])
  if counts[MANUAL] ~= '0' then return nil end
  if claim and #claim.ids ~= math.min(claim.slots, counts[READY]) then return nil end
  return counts, worker, queue
end

-- Reads what a batch is about: nil if it is unusual; its line is nil if there is nothing to do.
local function readBatch()
  local finish, push, claim = takeCalls()
  if claim == nil or (claim and not readReady(claim, push)) then return nil end
  if not readJobs(finish, claim) or ((finish or claim) and not readClaims(finish, push, claim)) then return nil end
  local batch = { finish = finish, push = push, claim = claim, line = finish and finish.line or push and push.line or claim.line }
  if not batch.line then return batch end
  if push and push.line ~= batch.line or claim and claim.line and claim.line ~= batch.line then return nil end
  batch.counts, batch.worker, batch.queue = readCounts(batch.line, claim)
  if not batch.counts or (push and claim and claim.worker ~= batch.worker) then return nil end
  return batch
end

local batch = readBatch()
usualReplies = batch and doUsual(batch)
