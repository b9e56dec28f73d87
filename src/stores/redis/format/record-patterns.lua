-- Words of a record (record.lua) and of a hold, found without taking the text apart.
-- gives: HELD_PARTS, SCHEDULED_PARTS, DUE_PART, UNCLAIMED, RESULT_AT, BEHIND_STATE, HOLD_PARTS, HOLDER, NO_HOLD

-- Of a held job, its fence and its hold; of one that waits for its time, its lane and its priority; when any was due.
HELD_PARTS = '^[23] %d (%d+) %S+ %S+ %S+ (%S+ %S+) '
SCHEDULED_PARTS = '^0 %d %d+ %- %- %- %- %- %- %d+ (%S+) (%S+) '
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
