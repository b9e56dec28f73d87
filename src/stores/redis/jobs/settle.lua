-- jobs.settle: ends or hands back an attempt.
-- needs: factLine, classOf from format/facts
-- needs: movesIn from format/moves
-- needs: endedText from format/record-ended
-- needs: heldParts from format/record-held
-- needs: NO_RESULT, LONG_OUTPUT, resultMarks from format/result
-- needs: NONE from format/words
-- needs: endedIds from frame/hints
-- needs: verbs from frame/tape
-- needs: call, nowText from frame/time
-- needs: write, flush from frame/writes
-- needs: moved from journal/moved
-- needs: applyMove from jobs/apply only: moves
-- needs: leaveHold from jobs/leave-hold
-- needs: addEnding from jobs/ended-index
-- needs: count from jobs/line-counts
-- needs: takeMove from jobs/take-move
-- needs: findHeld from jobs/records only: moves
-- needs: takeTarget from jobs/targets
-- needs: rewrite, texts, outdated from jobs/texts
-- needs: giveBack from queues/limits only: moves
-- needs: waits from jobs/waits only: limits
-- needs: held from limits/held only: limits
-- needs: follow, errorIn from definitions/owned

-- The mark of the new result.
local function setResult(id, before, move, result, output)
  if move.result == 'keep' then return before end
  if before ~= NO_RESULT and not result then write('HDEL', key.results, id) end
  if before == LONG_OUTPUT and not output then write('HDEL', key.texts, id .. 'o') end
  if result then write('HSET', key.results, id, result) end
  if output then write('HSET', key.texts, id .. 'o', output) end
  return resultMarks[move.result]
end

-- The newest text that was rewritten: jobs that begin together have the same record and often end in one way, and for the
-- next one the text need not be made again.
local known = { text = false }

-- The attempt ends the job, whatever state that is found in: what happens most. The text of the record is rewritten without
-- being taken apart; it does what applyMove does.
local function settleEnd(moves)
  local id, fence = takeTarget()
  if outdated[id] then flush() end
  local text, ending = texts[id], known
  if text ~= ending.text or fence ~= ending.fence or moves ~= ending.moves then
    local state, before, rest, hold, deadline, lane, owner = heldParts(text or '', fence)
    local move, result, output = takeMove(moves, state)
    if not move then return 0 end
    local mark = setResult(id, before, move, result, output)
    ending = {
      text = text, fence = fence, moves = moves, state = state, ended = move.to, verb = move.verb, hold = hold,
      deadline = deadline, lane = lane, owner = owner, newText = endedText(move.to, mark, fence, nowText, move.reason, rest),
    }
    if owner ~= NONE then
      local kept = move.result == 'keep' and before ~= NO_RESULT and call('HGET', key.results, id)
      ending.error = errorIn(result or kept)
    end
    -- No result to keep, and none to remove.
    if before == NO_RESULT and moves.taken == 0 then known = ending end
  end
  rewrite(id, ending.newText)
  count(ending.lane, ending.state, ending.ended, 1)
  leaveHold(ending.hold)
  -- only: limits
  held.freed(id, ending.lane)
  waits.ended(id, ending.ended)
  -- always
  addEnding(ending.ended, nowText, id)
  if ending.deadline ~= NONE then write('ZREM', key.deadlines, id) end
  endedIds[#endedIds + 1] = id
  moved(ending.verb, id)
  if ending.owner ~= NONE then
    local class = classOf(ending.ended, ending.lane)
    follow(ending.owner, id, classOf(ending.state, ending.lane), class, factLine(id, nowText, class, ending.error))
  end
  return 1
end

-- only: moves
local function settleOtherwise(moves)
  local id, fence = takeTarget()
  local record = findHeld(id, fence)
  local move, result, output = takeMove(moves, record and record.state)
  if not move then return 0 end
  applyMove(id, record, move, result, output)
  if move.verb == 'defer' then giveBack(string.match(record.lane, '^[^/]*/(.*)/%d$')) end
  return 1
end
-- always

-- Answers 1 if the fence proves the attempt.
verbs['jobs.settle'] = function(text)
  local moves = movesIn(text)
  -- only: moves
  if not moves.isEnd then return settleOtherwise(moves) end
  -- always
  return settleEnd(moves)
end
