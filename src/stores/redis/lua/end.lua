-- The usual end of an attempt, which is what scripts do most: a running job without a result so far ends, and its text is
-- rewritten without being taken apart. It does what moves.lua does.
-- gives: plainlyRunning, endPlainly

-- What follows in the text of such a job that nothing else in this script has changed; nil for any other.
function plainlyRunning(id, fence)
  local text = unchangedText(id)
  if not text then return nil end
  local start = RUNNING .. ' 0 ' .. fence .. ' - - '
  if sub(text, 1, #start) ~= start then return nil end
  return sub(text, #start + 1)
end

local resultMarks = { keep = '0', none = '0', one = '1', long = '2' }

-- Answers whether the move is such an end.
function endPlainly(id, fence, rest, move, result, output)
  if move.kind ~= 'end' then return false end
  local hold, deadline, lane = match(rest, '^%d+ (%S+ %S+) (%S+) %d+ (%S+)')
  leaveHold(hold)
  addEnding(move.to, nowText, id)
  if deadline ~= none then write('ZREM', key.deadlines, id) end
  if result then write('HSET', key.results, id, result) end
  if output then write('HSET', key.texts, id .. 'o', output) end
  rewrite(id, move.to .. ' ' .. resultMarks[move.result] .. ' ' .. fence .. ' ' .. nowText .. ' ' .. move.reason .. ' ' .. rest)
  count(lane, RUNNING, move.to, 1)
  endedIds[#endedIds + 1] = id
  moved(move.verb, id)
  return true
end
