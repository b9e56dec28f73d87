-- The record of a job, taken apart. What changes in its life is one text of words:
--
--   state result fence ended reason started holder operation deadline attempt lane priority onLost owner due run lost
--
-- The result is a mark (result.lua), the owner a word of owner.ts. Holder and operation are its hold: who holds it and by
-- which claim; hold and deadline mean something only while it is held. Only the files record*.lua and record.ts here know the
-- order of the words: what changes most stands first, so that the usual moves need not take the text apart.
-- gives: parseRecord, formatRecord
local pattern = '^(%d) (%d) (%d+) (%S+) (%S+) (%S+) (%S+ %S+) (%S+) (%d+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$'

-- `change` is what records.lua notes of a record that changes.
function parseRecord(text)
  local state, result, fence, ended, reason, started, hold, deadline, attempt, lane, priority, onLost, owner, due, run, lost =
    string.match(text, pattern)
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
