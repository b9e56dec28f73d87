-- Who gets the slots of a claim: queues in turn, the one served longest ago first, and within each line the manual lane
-- two to one.
-- needs: READY_COUNT, MANUAL_COUNT from format/counts
-- needs: QUEUED, RUNNING from format/states
-- needs: call from frame/time
-- needs: allowance, spend from queues/limits
-- needs: count, countsOf from jobs/line-counts
-- needs: held from limits/held only: limits
-- gives: PIECE_LENGTH, readPiece, popReady

-- Lines are read and written in pieces, since a worker may have jobs in any number of queues.
PIECE_LENGTH = 100

-- The lines of a piece that the want asks for, with how many jobs are ready in each; and how long the piece is.
function readPiece(want, from)
  local queues = call('ZRANGE', key.row .. want.worker, from, from + PIECE_LENGTH - 1)
  local lines, names = {}, {}
  for _, queue in ipairs(queues) do
    if not want.queues or want.queues[queue] then
      names[#names + 1] = want.worker .. '/' .. queue
      lines[#lines + 1] = { name = names[#names], queue = queue, given = 0, at = 0 }
    end
  end
  for i, counts in ipairs(countsOf(names)) do
    lines[i].ready, lines[i].manual = counts[READY_COUNT], counts[MANUAL_COUNT]
    -- only: limits
    -- Of those that are counted some wait parked, in no lane.
    if held.isCounted() then
      lines[i].manual = call('ZCARD', key.lane .. names[i] .. '/1')
      lines[i].ready = lines[i].manual + call('ZCARD', key.lane .. names[i] .. '/0')
    end
    -- always
  end
  return lines, #queues
end

-- Gives the slots one by one to the lines in turn, of which the first piece has been read. The answer names a line once for
-- each slot that it gets.
local function shareSlots(want, lines, length)
  local turns, open, from = {}, {}, length
  while true do
    for _, line in ipairs(lines) do
      line.left = allowance(line.queue, math.min(want.slots, line.ready))
      if line.left > 0 then open[#open + 1] = line end
      if line.left > 0 and #turns < want.slots then
        turns[#turns + 1] = line
        line.left, line.given = line.left - 1, 1
      end
    end
    if length < PIECE_LENGTH or #turns >= want.slots then break end
    lines, length = readPiece(want, from)
    from = from + length
  end
  local at = 1
  while open[at] and #turns < want.slots do
    local line = open[at]
    if line.left > 0 then
      turns[#turns + 1] = line
      line.left, line.given = line.left - 1, line.given + 1
      open[#open + 1] = line
    end
    at = at + 1
  end
  return turns
end

-- The lines that were served go behind the worker's others, in the order of their last turns. Answers each once.
local function serveRow(want, turns)
  local lines, seen = {}, {}
  for i = #turns, 1, -1 do
    local line = turns[i]
    if not seen[line] then
      seen[line] = true
      lines[#lines + 1] = line
    end
  end
  local turn = call('HINCRBY', key.meta, 'turn', #lines)
  for from = 1, #lines, PIECE_LENGTH do
    local args = { 'XX' }
    for i = from, math.min(from + PIECE_LENGTH - 1, #lines) do
      args[#args + 1] = turn - i + 1
      args[#args + 1] = lines[i].queue
    end
    call('ZADD', key.row .. want.worker, unpack(args))
  end
  return lines
end

local function pop(lane, number)
  if number == 0 then return {} end
  -- ZPOPMIN would answer the scores, too.
  local ids = call('ZRANGE', key.lane .. lane, 0, number - 1)
  call('ZREMRANGEBYRANK', key.lane .. lane, 0, number - 1)
  count(lane, QUEUED, RUNNING, #ids)
  return ids
end

-- Pops the next ready jobs of a line, as many as it has been given slots. While both lanes have jobs they take turns.
local function popLine(line)
  local byHand, others = line.name .. '/1', line.name .. '/0'
  local manual = line.manual
  if manual == 0 then return pop(others, line.given) end
  local automatic = line.ready - manual
  if automatic <= 0 then return pop(byHand, line.given) end
  local turn = tonumber(call('HGET', key.turns, line.name) or 0) or 0
  local choices, chosen = {}, 0
  for i = 1, line.given do
    local isManual = manual > 0
    if isManual and automatic > 0 then
      isManual = turn % 3 ~= 2
      turn = turn + 1
    end
    if isManual then manual, chosen = manual - 1, chosen + 1 else automatic = automatic - 1 end
    choices[i] = isManual
  end
  call('HSET', key.turns, line.name, turn % 3)
  local manualIds, otherIds = pop(byHand, chosen), pop(others, line.given - chosen)
  local ids, manualAt, otherAt = {}, 0, 0
  for _, isManual in ipairs(choices) do
    if isManual then manualAt = manualAt + 1 else otherAt = otherAt + 1 end
    ids[#ids + 1] = isManual and manualIds[manualAt] or otherIds[otherAt]
  end
  return ids
end

-- A worker with one line only has nothing to share.
local function popOnly(want, line)
  line.given = allowance(line.queue, math.min(want.slots, line.ready))
  if line.given == 0 then return {} end
  local ids = popLine(line)
  spend(line.queue, #ids)
  return ids
end

-- Pops ready jobs for the slots of a want out of their lanes, in the order of the turns.
function popReady(want)
  local lines, length = readPiece(want, 0)
  if length == 1 then return lines[1] and popOnly(want, lines[1]) or {} end
  local turns = shareSlots(want, lines, length)
  local ids = {}
  if #turns == 0 then return ids end
  for _, line in ipairs(serveRow(want, turns)) do
    line.ids = popLine(line)
    spend(line.queue, #line.ids)
  end
  for _, line in ipairs(turns) do
    line.at = line.at + 1
    ids[#ids + 1] = line.ids[line.at]
  end
  return ids
end
