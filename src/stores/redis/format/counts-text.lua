-- The counts of a line (counts.ts): how many of its jobs are in each state, in the order of the states, and how many of the
-- ready ones are manual. A state's place is its digit and one.
-- gives: COUNTS, READY_COUNT, RUNNING_COUNT, STOPPING_COUNT, MANUAL_COUNT, FIRST_COUNT
COUNTS = '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$'
READY_COUNT = 2
RUNNING_COUNT = 3
STOPPING_COUNT = 4
MANUAL_COUNT = 8
FIRST_COUNT = 1
