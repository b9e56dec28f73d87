-- What changes of a job is one text of words. Only this file, record.ts, port-upkeep.ts and what handles the text as it is
-- (push.lua, promote.lua, claim.lua, finish.lua, usual/) know their order: what changes most stands first, so that the usual
-- moves need not take the text apart.
-- gives: STATE, RESULT, FENCE, ENDED, REASON, STARTED, HOLD, DEADLINE, ATTEMPT, LANE, parse, format, detailsOf
-- gives: setDetails, countLoss, noHold, holderOf, isHeld
STATE, RESULT, FENCE, ENDED, REASON, STARTED, HOLD, DEADLINE, ATTEMPT, LANE = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
local DETAILS, words = 11, 11

local recordPattern = '^(%d) (%d) (%d+) (%S+) (%S+) (%S+) (%S+ %S+) (%S+) (%d+) (%S+) (%S+ %S+ %S+ %S+ %S+)$'

-- A table of the size that it will have: words, and what the ledger notes of it (ledger.lua).
function parse(text)
  local a, b, c, d, e, f, g, h, i, j, k = string.match(text, recordPattern)
  return { a, b, c, d, e, f, g, h, i, j, k, false, false, false, false, false, false, false }
end

function format(record)
  return table.concat(record, ' ', 1, words)
end

-- The details are words, too, which few moves look at: priority, what to do when its holder is lost, when it is due, run,
-- and how often its holder was lost.
function detailsOf(record)
  return string.match(record[DETAILS], '^(%S+) (%S+) (%S+) (%S+) (%S+)$')
end

function setDetails(record, ...)
  record[DETAILS] = table.concat({ ... }, ' ')
end

function countLoss(record)
  local priority, onLost, due, run, lost = detailsOf(record)
  setDetails(record, priority, onLost, due, run, lost + 1)
end

-- The hold is who holds it and by which claim; it and the deadline mean something only while the job is held.
noHold = none .. ' ' .. none

function holderOf(record)
  return string.match(record[HOLD], '^%S+')
end

function isHeld(record)
  local state = record[STATE]
  return state == RUNNING or state == STOPPING
end
