-- What a move does to a record.
-- gives: make

local function setResult(record, kind, result, output)
  if kind == 'keep' then return end
  if record[RESULT] ~= '0' then record.result = false end
  if record[RESULT] == '2' then record.output = false end
  if result then record.result = result end
  if output then record.output = output end
  record[RESULT] = resultMarks[kind]
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
  write('RPUSH', key.attempts .. id, table.concat(head, ' ') .. '\n' .. result)
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
  local seq = string.format('%.0f', call('HINCRBY', key.meta, 'inbox', 1))
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
