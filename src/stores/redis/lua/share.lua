-- Who gets the slots of a claim: queues in turn, the one served longest ago first, and within each line the manual lane
-- two to one.
-- gives: rowPiece, isAsked, popReady

-- Lines are read in pieces of so many, since a worker may have jobs in any number of queues.
rowPiece = 100

function isAsked(want, queue)
  return not want.queues or want.queues[queue]
end

-- The lines of the next piece that the want asks for, with how many slots each may get.
local function readPiece(want, from)
  local queues = call('ZRANGE', key.row .. want.worker, from, from + rowPiece - 1)
  local lines, names = {}, {}
  for _, queue in ipairs(queues) do
    if isAsked(want, queue) then
      names[#names + 1] = want.worker .. '/' .. queue
      lines[#lines + 1] = { name = names[#names], queue = queue, taken = 0 }
    end
  end
  for i, text in ipairs(ask('HMGET', key.counts, names)) do
    lines[i].ready = tonumber(readCounts(text)[2])
    lines[i].left = allowance(lines[i].queue, min(want.slots, lines[i].ready))
  end
  return lines, #queues == rowPiece
end

local function giveSlot(line, turns)
  line.left = line.left - 1
  line.taken = line.taken + 1
  turns[#turns + 1] = line
end

-- Gives the slots one by one to the lines in turn. The answer names a line once for each slot that it gets.
local function shareSlots(want)
  local turns, open, from, more = {}, {}, 0, true
  while more and #turns < want.slots do
    local lines
    lines, more = readPiece(want, from)
    from = from + rowPiece
    for _, line in ipairs(lines) do
      if line.left > 0 and #turns < want.slots then giveSlot(line, turns) end
      if line.left > 0 then open[#open + 1] = line end
    end
  end
  local at = 1
  while open[at] and #turns < want.slots do
    giveSlot(open[at], turns)
    if open[at].left > 0 then open[#open + 1] = open[at] end
    at = at + 1
  end
  return turns
end

-- The lines that were served go behind the worker's others, in the order of their last turns.
local function serveRow(want, turns)
  local lines, seen = {}, {}
  for i = #turns, 1, -1 do
    local line = turns[i]
    if not seen[line] then
      seen[line] = true
      lines[#lines + 1] = line
    end
  end
  if #lines == 1 and call('ZCARD', key.row .. want.worker) == 1 then return lines end
  local turn = call('HINCRBY', key.meta, 'turn', #lines)
  local args = { 'XX' }
  for i, line in ipairs(lines) do
    args[#args + 1] = turn - i + 1
    args[#args + 1] = line.queue
  end
  call('ZADD', key.row .. want.worker, unpack(args))
  return lines
end

local function pop(lane, number)
  local ids = {}
  if number == 0 then return ids end
  local popped = call('ZPOPMIN', key.lane .. lane, number)
  for i = 1, #popped, 2 do ids[#ids + 1] = popped[i] end
  count(lane, QUEUED, RUNNING, #ids)
  return ids
end

-- Takes the next ready jobs of a line, as many as it has been given slots. While both lanes have jobs they take turns.
local function popLine(line)
  local byHand, others = line.name .. '/1', line.name .. '/0'
  local manual = call('ZCARD', key.lane .. byHand)
  if manual == 0 then return pop(others, line.taken) end
  local automatic = line.ready - manual
  if automatic <= 0 then return pop(byHand, line.taken) end
  local turn = tonumber(call('HGET', key.turns, line.name) or 0)
  local choices, chosen = {}, 0
  for i = 1, line.taken do
    local isManual = manual > 0
    if isManual and automatic > 0 then
      isManual = turn % 3 ~= 2
      turn = turn + 1
    end
    if isManual then manual, chosen = manual - 1, chosen + 1 else automatic = automatic - 1 end
    choices[i] = isManual
  end
  call('HSET', key.turns, line.name, turn % 3)
  local manualIds, otherIds = pop(byHand, chosen), pop(others, line.taken - chosen)
  local ids, manualAt, otherAt = {}, 0, 0
  for _, isManual in ipairs(choices) do
    if isManual then manualAt = manualAt + 1 else otherAt = otherAt + 1 end
    ids[#ids + 1] = isManual and manualIds[manualAt] or otherIds[otherAt]
  end
  return ids
end

-- Takes ready jobs for the slots of a want out of their lanes, in the order of the turns.
function popReady(want)
  local turns = shareSlots(want)
  if #turns == 0 then return {} end
  for _, line in ipairs(serveRow(want, turns)) do
    line.ids, line.at = popLine(line), 0
    took(line.queue, #line.ids)
  end
  local ids = {}
  for _, line in ipairs(turns) do
    line.at = line.at + 1
    ids[#ids + 1] = line.ids[line.at]
  end
  return ids
end
