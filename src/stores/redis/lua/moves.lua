-- Moves: what Node has decided for each state that a job may be found in (core/transitions.ts), done to the state it is in.
-- gives: takeMove, takeMoves, make
local knownMoves = {}

-- `states kind verb to reason result`, divided by semicolons. `to` is a state, a delay or a mark, and `result` says what
-- follows: keep: what the record shows; none; one: a text; long: a text and the output it stands for.
local function readMoves(text)
  local moves = {}
  for states, kind, verb, to, reason, result in string.gmatch(text, '(%d+) (%S+) (%S+) (%S+) (%S+) ([^ ;]+)') do
    local taken = result == 'one' and 1 or result == 'long' and 2 or 0
    moves[#moves + 1] = { states = states, kind = kind, verb = verb, to = to, reason = reason, result = result, taken = taken }
    for state in string.gmatch(states, '%d') do moves[state] = moves[#moves] end
  end
  knownMoves[text] = moves
  return moves
end

-- The move for this state with its result; nil when there is none. Takes the results of all moves.
function takeMove(text, state)
  local moves = knownMoves[text] or readMoves(text)
  local found, foundResult, foundOutput = state and moves[state], nil, nil
  for i = 1, #moves do
    local move = moves[i]
    local result = move.taken > 0 and take() or nil
    local output = move.taken > 1 and take() or nil
    if move == found then foundResult, foundOutput = result, output end
  end
  return found, foundResult, foundOutput
end

-- Takes all moves, for records that are yet to be found: by state, each with its result.
function takeMoves()
  local moves, found = readMoves(take()), {}
  for _, move in ipairs(moves) do
    local result = move.taken > 0 and take() or nil
    for state in string.gmatch(move.states, '%d') do found[state] = { move, result } end
  end
  return found
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
  local result = record.result or call('HGET', key.results, id)
  if record[RESULT] == '1' then return result end
  return result .. (record.output or call('HGET', key.texts, id .. 'o'))
end

-- The attempt goes from the record into its history.
local function archive(id, record, how, endedAt, result)
  if record[STARTED] == none then return end
  local _, _, _, run = detailsOf(record)
  local head = { run, record[ATTEMPT], record[FENCE], holderOf(record), record[STARTED], endedAt, how }
  write('RPUSH', key.attempts .. id, concat(head, ' ') .. '\n' .. result)
end

local function unhold(record)
  record[STARTED], record[HOLD], record[DEADLINE] = none, noHold, none
end

local effects = {}

effects['end'] = function(id, record, move, result, output)
  record[STATE] = move.to
  record[REASON] = move.reason
  record[ENDED] = nowText
  if move.verb == 'lose' then countLoss(record) end
  setResult(record, move.result, result, output)
  endedIds[#endedIds + 1] = id
end

effects['retry'] = function(id, record, move, result, output)
  archive(id, record, 'failed', nowText, (result or '') .. (output or ''))
  local priority, onLost, _, run, lost = detailsOf(record)
  record[STATE] = SCHEDULED
  setDetails(record, priority, onLost, millisText(now + move.to), run, lost)
  unhold(record)
  setResult(record, move.result, result, output)
end

effects['release'] = function(id, record, move)
  local isLost = move.to == 'lost'
  archive(id, record, isLost and 'lost' or 'returned', nowText, '')
  record[STATE] = QUEUED
  record[ATTEMPT] = record[ATTEMPT] - 1
  if isLost then countLoss(record) end
  unhold(record)
end

effects['stop'] = function(id, record)
  record[STATE] = STOPPING
  local holder = holderOf(record)
  -- A holder that is no node has no inbox: it learns of the stop when it extends.
  if call('HEXISTS', key.nodes, holder) == 0 then return end
  local seq = form('%.0f', call('HINCRBY', key.meta, 'inbox', 1))
  write('RPUSH', key.inbox .. holder, seq .. ' ' .. id .. ' ' .. record[FENCE])
  inboxes[holder] = true
end

local endWords = { [SUCCEEDED] = 'succeeded', [FAILED] = 'failed', [CANCELED] = 'canceled' }

effects['restart'] = function(id, record)
  local state = record[STATE]
  local how = state == FAILED and record[REASON] == 'lost' and 'lost' or endWords[state]
  archive(id, record, how, record[ENDED], resultOf(id, record))
  local priority, onLost, _, run = detailsOf(record)
  record[STATE] = QUEUED
  record[REASON], record[ENDED] = none, none
  record[ATTEMPT] = '0'
  setDetails(record, priority, onLost, nowText, run + 1, 0)
  unhold(record)
  setResult(record, 'none')
end

function make(id, record, move, result, output)
  if move.kind == 'stop' and record[STATE] == STOPPING then return end
  touch(id, record)
  effects[move.kind](id, record, move, result, output)
  moved(move.verb, id)
end
