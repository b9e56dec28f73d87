-- Moves: what Node has decided for each state that a job may be found in (core/transitions.ts), done to the state it is in.
local knownMoves = {}

-- `kind verb to reason result`, where `to` is a state, a delay or a mark, and `result` says what follows:
-- keep: what the record shows; none; one: a text; long: a text and the output it stands for.
local function moveOf(text)
  local move = knownMoves[text]
  if not move then
    local kind, verb, to, reason, result = string.match(text, '^(%S+) (%S+) (%S+) (%S+) (%S+)$')
    move = { kind = kind, verb = verb, to = to, reason = reason, result = result }
    knownMoves[text] = move
  end
  return move
end

-- Takes all moves and answers the one for this state with its result; nil when there is none.
local function takeMove(state)
  local found, foundResult, foundOutput
  for _ = 1, takeNumber() do
    local states, move = take(), moveOf(take())
    local result = (move.result == 'one' or move.result == 'long') and take() or nil
    local output = move.result == 'long' and take() or nil
    if state and string.find(states, state, 1, true) then found, foundResult, foundOutput = move, result, output end
  end
  return found, foundResult, foundOutput
end

-- Takes all moves, for records that are yet to be found: by state, each with its result.
local function takeMoves()
  local moves = {}
  for _ = 1, takeNumber() do
    local states, move = take(), moveOf(take())
    local result = (move.result == 'one' or move.result == 'long') and take() or nil
    for state in string.gmatch(states, '%d') do moves[state] = { move, result } end
  end
  return moves
end

local function setResult(record, kind, result, output)
  if kind == 'keep' then return end
  if record[RESULT] ~= '0' then record.result = false end
  if record[RESULT] == '2' then record.output = false end
  if result then record.result = result end
  if output then record.output = output end
  record[RESULT] = kind == 'none' and '0' or kind == 'one' and '1' or '2'
end

-- The whole text of what the record shows.
local function resultOf(id, record)
  if record[RESULT] == '0' then return '' end
  local result = record.result or redis.call('HGET', key.results, id)
  if record[RESULT] == '1' then return result end
  return result .. (record.output or redis.call('HGET', key.texts, id .. 'o'))
end

-- The attempt goes from the record into its history.
local function archive(id, record, how, endedAt, result)
  if record[STARTED] == none then return end
  local head = { record[RUN], record[ATTEMPT], record[FENCE], record[HOLDER], record[STARTED], endedAt, how }
  write('RPUSH', key.attempts .. id, table.concat(head, ' ') .. '\n' .. result)
end

local function unhold(record)
  record[STARTED], record[HOLDER], record[OPERATION], record[DEADLINE] = none, none, none, none
end

local effects = {}

effects['end'] = function(id, record, move, result, output)
  record[STATE] = move.to
  record[REASON] = move.reason
  record[ENDED] = nowText
  record[OPERATION], record[DEADLINE] = none, none
  if move.verb == 'lose' then record[LOST] = record[LOST] + 1 end
  setResult(record, move.result, result, output)
  endedIds[#endedIds + 1] = id
end

effects['retry'] = function(id, record, move, result, output)
  archive(id, record, 'failed', nowText, (result or '') .. (output or ''))
  record[STATE] = SCHEDULED
  record[DUE] = millisText(now + move.to)
  unhold(record)
  setResult(record, move.result, result, output)
end

effects['release'] = function(id, record, move)
  local isLost = move.to == 'lost'
  archive(id, record, isLost and 'lost' or 'returned', nowText, '')
  record[STATE] = QUEUED
  record[ATTEMPT] = record[ATTEMPT] - 1
  if isLost then record[LOST] = record[LOST] + 1 end
  unhold(record)
end

effects['stop'] = function(id, record)
  record[STATE] = STOPPING
  local holder = record[HOLDER]
  -- A holder that is no node has no inbox: it learns of the stop when it extends.
  if redis.call('HEXISTS', key.nodes, holder) == 0 then return end
  local seq = string.format('%.0f', redis.call('HINCRBY', key.meta, 'inbox', 1))
  write('RPUSH', key.inbox .. holder, seq .. ' ' .. id .. ' ' .. record[FENCE])
  inboxes[holder] = true
end

local endWords = { [SUCCEEDED] = 'succeeded', [FAILED] = 'failed', [CANCELED] = 'canceled' }

effects['restart'] = function(id, record)
  local state = record[STATE]
  local how = state == FAILED and record[REASON] == 'lost' and 'lost' or endWords[state]
  archive(id, record, how, record[ENDED], resultOf(id, record))
  record[STATE] = QUEUED
  record[REASON], record[ENDED] = none, none
  record[DUE] = nowText
  record[RUN] = record[RUN] + 1
  record[ATTEMPT], record[LOST] = '0', '0'
  unhold(record)
  setResult(record, 'none')
end

local function make(id, record, move, result, output)
  if move.kind == 'stop' and record[STATE] == STOPPING then return end
  touch(id, record)
  effects[move.kind](id, record, move, result, output)
  moved(move.verb, id)
end
