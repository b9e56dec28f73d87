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

-- Answers 1 if the fence proves the attempt.
function verbs.finish(moves)
  local id, fence = takeTarget()
  if outdated[id] then flush() end
  local state, before, rest = string.match(texts[id] or '', '^([23]) (%d) ' .. fence .. ' %- %- (.+)$')
  local move, result, output = takeMove(moves, state)
  if not move then return 0 end
  local hold, deadline, lane = string.match(rest, restPattern)
  local mark = setResult(id, before, move, result, output)
  rewrite(id, move.to .. ' ' .. mark .. ' ' .. fence .. ' ' .. nowText .. ' ' .. move.reason .. ' ' .. rest)
  count(lane, state, move.to, 1)
  leaveHold(hold)
  addEnding(move.to, nowText, id)
  if deadline ~= none then write('ZREM', key.deadlines, id) end
  endedIds[#endedIds + 1] = id
  moved(move.verb, id)
  return 1
end
