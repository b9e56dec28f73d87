-- What a usual batch (usual.lua) writes and answers, once all of it has been read.
-- gives: doUsual, freshStart
local READY, HELD = 2, 3
-- Behind the state of a job that has never been claimed, up to its lane.
freshStart = QUEUED .. ' 0 0 - - - - - - 0 '

local puts, moves = {}, {}

local function putJob(id, record)
  puts[#puts + 1] = id
  puts[#puts + 1] = record
end

local function note(verb, ids)
  moves[#moves + 1] = verb .. ' ' .. ids
end

-- finish.lua, claims.lua and endings.lua.
local function endJob(finish, counts)
  local id, claims = targets[1], key.claims .. finish.holder
  putJob(id, finish.to .. (finish.result and ' 1 ' or ' 0 ') .. fences[1] .. ' ' .. nowText .. ' ' .. finish.reason .. ' ' .. finish.rest)
  if finish.result then call('HSET', key.results, id, finish.result) end
  call('ZADD', key.ended .. finish.to, nowText, id)
  if #finish.begun > #id then
    local hold = finish.holder .. ' ' .. finish.operation
    local isLast = call('HINCRBY', key.left, hold, '1') >= (#finish.begun + 1) / (#id + 1)
    if isLast then
      call('HDEL', key.left, hold)
      call('HDEL', claims, finish.operation)
    end
  else
    call('HDEL', claims, finish.operation)
  end
  local ended = finish.to + 1
  counts[HELD], counts[ended] = counts[HELD] - 1, counts[ended] + 1
  note(finish.verb, id)
end

-- push.lua; a job that is claimed at once needs no place in a lane. Answers its id and its record.
local function pushJob(push, batch)
  local id = nextId()
  local record = freshStart .. push.lane .. ' ' .. push.words .. ' ' .. millisText(madeAt()) .. ' 1 0'
  call('HSET', key.bodies, id, push.body)
  call('ZADD', key.ids, '0', id)
  note('push', id)
  if not batch.claim then
    local counts = batch.counts
    call('ZADD', key.lane .. push.lane, string.format('%d', -tonumber(string.match(push.words, '^%S+'))), id)
    if counts[READY] == 0 then call('ZADD', key.row .. batch.worker, call('HINCRBY', key.meta, 'turn', '1'), batch.queue) end
    counts[READY] = counts[READY] + 1
    putJob(id, record)
  end
  return id, record
end

-- claim.lua. Appends the jobs to what the claim answers.
local function beginJobs(claim, counts, shown)
  local ids, held, parts = claim.ids, nowText .. ' ' .. claim.holder .. ' ' .. claim.operation .. ' ' .. none, {}
  for i, id in ipairs(ids) do
    local record = RUNNING .. ' 0 ' .. microsText .. ' - - ' .. held .. ' 1 ' .. string.sub(claim.records[i], #freshStart + 1)
    putJob(id, record)
    parts[i] = id .. ' ' .. record .. '\n' .. claim.bodies[i]
  end
  shown[2] = table.concat(parts, '\30')
  local begun = table.concat(ids, ' ')
  call('HSET', key.claims .. claim.holder, claim.operation, begun)
  counts[HELD] = counts[HELD] + #ids
  note('claim', begun)
end

-- batch.lua. Answers the hints.
local function close(batch, heldBefore)
  local counts, finish = batch.counts, batch.finish
  call('HSET', key.jobs, unpack(puts))
  call('HSET', key.counts, batch.line, table.concat(counts, ' '))
  local held = counts[HELD] - heldBefore
  if held ~= 0 then call('HINCRBY', key.busy, batch.queue, held) end
  for _, last in ipairs(atEnd) do last() end
  call('XADD', key.events, '0-*', 'at', nowText, 'moved', table.concat(moves, ';'))
  local isReady = batch.push and counts[READY] > 0
  if not isReady and not finish then return '' end
  local hints = (isReady and 'ready;' or ';') .. (finish and targets[1] or '') .. ';'
  if call('HLEN', key.nodes) > (sender == none and 0 or 1) then call('PUBLISH', key.hints, sender .. ';' .. hints) end
  return hints
end

function doUsual(batch)
  local finish, push, claim, counts, replies = batch.finish, batch.push, batch.claim, batch.counts, {}
  local heldBefore, pushedId, pushedRecord = counts and tonumber(counts[HELD]), '', nil
  if finish then
    endJob(finish, counts)
    replies[1] = 1
  end
  if push then
    pushedId, pushedRecord = pushJob(push, batch)
    replies[#replies + 1] = 0
  end
  if claim then
    local shown = { claim.wait and string.format('%.0f', math.ceil(claim.wait)) or '' }
    replies[#replies + 1] = shown
    if push then
      claim.ids, claim.records, claim.bodies = { pushedId }, { pushedRecord }, { push.body }
    elseif #claim.ids > 0 then
      call('ZREM', key.lane .. claim.line .. '/0', unpack(claim.ids))
      counts[READY] = counts[READY] - #claim.ids
      if counts[READY] == 0 then call('ZREM', key.row .. claim.worker, batch.queue) end
    end
    if #claim.ids > 0 then beginJobs(claim, counts, shown) end
  end
  replies[#replies + 1] = pushedId
  replies[#replies + 1] = #moves > 0 and close(batch, heldBefore) or ''
  return replies
end
