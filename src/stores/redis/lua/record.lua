-- What changes of a job is one text of words. Only this file, push.lua, claim.lua and record.ts know their order:
-- state, result, fence, attempt, lane, details, reason, ended, started, hold, deadline.
local STATE, RESULT, FENCE, ATTEMPT, LANE, DETAILS, REASON, ENDED, STARTED, HOLD, DEADLINE = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
local words = 11

local SCHEDULED, QUEUED, RUNNING, STOPPING, SUCCEEDED, FAILED, CANCELED = '0', '1', '2', '3', '4', '5', '6'

local recordPattern = '^(%d) (%d) (%d+) (%d+) (%S+) (%S+ %S+ %S+ %S+ %S+) (%S+) (%S+) (%S+) (%S+ %S+) (%S+)$'

local function parse(text)
  return { match(text, recordPattern) }
end

local function format(record)
  return concat(record, ' ', 1, words)
end

-- The details are words, too, which few moves look at: priority, what to do when its holder is lost, when it is due, run,
-- and how often its holder was lost.
local function detailsOf(record)
  return match(record[DETAILS], '^(%S+) (%S+) (%S+) (%S+) (%S+)$')
end

local function setDetails(record, ...)
  record[DETAILS] = concat({ ... }, ' ')
end

local function countLoss(record)
  local priority, onLost, due, run, lost = detailsOf(record)
  setDetails(record, priority, onLost, due, run, lost + 1)
end

-- The hold is who holds it and by which claim.
local noHold = none .. ' ' .. none

local function holderOf(record)
  return match(record[HOLD], '^%S+')
end

local function isHeld(record)
  local state = record[STATE]
  return state == RUNNING or state == STOPPING
end

-- A decimal text and one, however long it is.
local function successor(decimal)
  local nines = #match(decimal, '9*$')
  local zeros = string.rep('0', nines)
  local head = sub(decimal, 1, #decimal - nines)
  if head == '' then return '1' .. zeros end
  return sub(head, 1, -2) .. (byte(head, -1) - 47) .. zeros
end

-- Rises with the clock, so that it rises even over a claim that a failover has forgotten.
local function nextFence(last)
  if #last < #microsText or (#last == #microsText and last < microsText) then return microsText end
  return successor(last)
end
