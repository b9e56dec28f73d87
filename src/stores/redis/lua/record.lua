-- What changes of a job is one text of words. Only this file, record.ts, push.lua, claim.lua and end.lua know their order:
-- what changes most stands first, so that the usual moves need not take the text apart.
-- gives: STATE, RESULT, FENCE, ENDED, REASON, STARTED, HOLD, DEADLINE, ATTEMPT, LANE, DETAILS, SCHEDULED, QUEUED
-- gives: RUNNING, STOPPING, SUCCEEDED, FAILED, CANCELED, parse, format, detailsOf, setDetails, countLoss, noHold
-- gives: holderOf, isHeld, nextFence
STATE, RESULT, FENCE, ENDED, REASON, STARTED, HOLD, DEADLINE, ATTEMPT, LANE, DETAILS = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
local words = 11

SCHEDULED, QUEUED, RUNNING, STOPPING, SUCCEEDED, FAILED, CANCELED = '0', '1', '2', '3', '4', '5', '6'

local recordPattern = '^(%d) (%d) (%d+) (%S+) (%S+) (%S+) (%S+ %S+) (%S+) (%d+) (%S+) (%S+ %S+ %S+ %S+ %S+)$'

-- A table of the size that it will have: words, and what the ledger notes of it (ledger.lua).
function parse(text)
  local a, b, c, d, e, f, g, h, i, j, k = match(text, recordPattern)
  return { a, b, c, d, e, f, g, h, i, j, k, false, false, false, false, false, false, false }
end

function format(record)
  return concat(record, ' ', 1, words)
end

-- The details are words, too, which few moves look at: priority, what to do when its holder is lost, when it is due, run,
-- and how often its holder was lost.
function detailsOf(record)
  return match(record[DETAILS], '^(%S+) (%S+) (%S+) (%S+) (%S+)$')
end

function setDetails(record, ...)
  record[DETAILS] = concat({ ... }, ' ')
end

function countLoss(record)
  local priority, onLost, due, run, lost = detailsOf(record)
  setDetails(record, priority, onLost, due, run, lost + 1)
end

-- The hold is who holds it and by which claim; it and the deadline mean something only while the job is held.
noHold = none .. ' ' .. none

function holderOf(record)
  return match(record[HOLD], '^%S+')
end

function isHeld(record)
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
function nextFence(last)
  if #last < #microsText or (#last == #microsText and last < microsText) then return microsText end
  return successor(last)
end
