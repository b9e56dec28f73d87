-- What changes of a job is one text of words. Only this file and record.ts know their order.
local STATE, RESULT, DUE, LANE, PRIORITY, ON_LOST, FENCE, ATTEMPT = 1, 2, 3, 4, 5, 6, 7, 8
local RUN, LOST, REASON, STARTED, ENDED, HOLDER, OPERATION, DEADLINE = 9, 10, 11, 12, 13, 14, 15, 16
local words = 16

local SCHEDULED, QUEUED, RUNNING, STOPPING, SUCCEEDED, FAILED, CANCELED = '0', '1', '2', '3', '4', '5', '6'

local recordPattern = '^(%d) (%d) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$'

local function parse(text)
  return { string.match(text, recordPattern) }
end

local function format(record)
  return table.concat(record, ' ', 1, words)
end

-- After the lane, the priority and what to do when its holder is lost: no fence yet, no attempt, the first run.
local unclaimed = ' 0 0 1 0 - - - - - -'

local function isHeld(record)
  local state = record[STATE]
  return state == RUNNING or state == STOPPING
end

-- A decimal text and one, however long it is.
local function successor(decimal)
  local nines = #string.match(decimal, '9*$')
  local zeros = string.rep('0', nines)
  local head = string.sub(decimal, 1, #decimal - nines)
  if head == '' then return '1' .. zeros end
  return string.sub(head, 1, -2) .. (string.byte(head, -1) - 47) .. zeros
end

-- Rises with the clock, so that it rises even over a claim that a failover has forgotten.
local function nextFence(last)
  if #last < #microsText or (#last == #microsText and last < microsText) then return microsText end
  return successor(last)
end
