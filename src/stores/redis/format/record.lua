-- The record of a job, taken apart. What changes in its life is one text of words:
--
--   state result fence ended reason started holder operation deadline attempt lane priority onLost owner due run lost
--
-- The result is a mark (result.lua), the owner a word of owner.ts. Holder and operation are its hold: who holds it and by
-- which claim; hold and deadline mean something only while it is held. Only the files record*.lua and record.ts here know the
-- order of the words: what changes most stands first, so that the usual moves need not take the text apart.
-- gives: HELD_PARTS, SCHEDULED_PARTS, DUE_PART, UNCLAIMED, RESULT_AT, BEHIND_STATE, HOLD_PARTS, HOLDER, NO_HOLD
-- gives: parseRecord, formatRecord
local pattern =
  '^([0-6]) ([0-2]) (%d+) (%-?%d*) (%S+) (%-?%d*) (%S+ %S+) (%-?%d*) (%d+) (%S+/%S+/[01]) (%-?%d+) ([rfa]) (%S+) (%d+) (%d+) (%d+)$'

-- `change` is what records.lua notes of a record that changes. nil: the text makes no record.
function parseRecord(text)
  local state, result, fence, ended, reason, started, hold, deadline, attempt, lane, priority, onLost, owner, due, run, lost =
    string.match(text, pattern)
  if not state then return nil end
  return {
    state = state, result = result, fence = fence, ended = ended, reason = reason, started = started, hold = hold,
    deadline = deadline, attempt = attempt, lane = lane, priority = priority, onLost = onLost, owner = owner, due = due,
    run = run, lost = lost, change = false,
  }
end

function formatRecord(r)
  return r.state .. ' ' .. r.result .. ' ' .. r.fence .. ' ' .. r.ended .. ' ' .. r.reason .. ' ' .. r.started .. ' ' .. r.hold
    .. ' ' .. r.deadline .. ' ' .. r.attempt .. ' ' .. r.lane .. ' ' .. r.priority .. ' ' .. r.onLost .. ' ' .. r.owner
    .. ' ' .. r.due .. ' ' .. r.run .. ' ' .. r.lost
end

-- Single words are found without taking the text apart.

-- Of a held job, its fence and its hold; of one that waits for its time, its lane and its priority; when any was due.
HELD_PARTS = '^[23] %d (%d+) %S+ %S+ %S+ (%S+ %S+) '
SCHEDULED_PARTS = '^0 %d %d+ %- %- %- %- %- %- %d+ (%S+/%S+/[01]) (%-?%d+) '
DUE_PART = '(%d+) %d+ %d+$'

-- Behind the state of a job that was never claimed, up to its lane: no result, no fence, no end, no reason, no start, no
-- hold, no deadline, no attempt.
UNCLAIMED = ' 0 0 - - - - - - 0 '

-- Where the result's mark stands, one byte, and where the rest behind the state begins.
RESULT_AT = 3
BEHIND_STATE = 2

-- Of a hold, its holder and its operation, or the holder alone; and no hold.
HOLD_PARTS = '^(%S+) (%S+)$'
HOLDER = '^%S+'
NO_HOLD = '- -'
