-- finish: a settle that ends the job whatever state it is found in, which is what scripts do most. The text of the record is
-- rewritten without being taken apart; it does what make.lua does.

-- Behind no end and no reason: start, hold, deadline, attempt, lane.
local restPattern = '^%d+ (%S+ %S+) (%S+) %d+ (%S+)'

local function setResult(id, before, move, result, output)
  if move.result == 'keep' then return before end
  if before ~= '0' and not result then write('HDEL', key.results, id) end
  if before == '2' and not output then write('HDEL', key.texts, id .. 'o') end
  if result then write('HSET', key.results, id, result) end
  if output then write('HSET', key.texts, id .. 'o', output) end
  return resultMarks[move.result]
end

-- The newest ending that needs nothing but the id: jobs that begin together have the same record, and often end in one way.
local known = { text = false }

local function endRecord(id, ending)
  rewrite(id, ending.to)
  count(ending.lane, ending.state, ending.move.to, 1)
  leaveHold(ending.hold)
  addEnding(ending.move.to, nowText, id)
  if ending.deadline ~= none then write('ZREM', key.deadlines, id) end
  endedIds[#endedIds + 1] = id
  moved(ending.move.verb, id)
  return 1
end

-- Answers 1 if the fence proves the attempt.
function verbs.finish(moves)
  local id, fence = takeTarget()
  if outdated[id] then flush() end
  local text = texts[id]
  if text == known.text and fence == known.fence and moves == known.moves then return endRecord(id, known) end
  local state, before, rest = string.match(text or '', '^([23]) (%d) ' .. fence .. ' %- %- (.+)$')
  local move, result, output = takeMove(moves, state)
  if not move then return 0 end
  local hold, deadline, lane = string.match(rest, restPattern)
  local mark = setResult(id, before, move, result, output)
  local to = move.to .. ' ' .. mark .. ' ' .. fence .. ' ' .. nowText .. ' ' .. move.reason .. ' ' .. rest
  local ending = {
    text = text, fence = fence, moves = moves,
    to = to, state = state, move = move, hold = hold, deadline = deadline, lane = lane,
  }
  -- No result to keep, and none to remove.
  if before == '0' and takesNothing(moves) then known = ending end
  return endRecord(id, ending)
end
