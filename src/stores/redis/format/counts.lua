-- The counts of a line (counts.ts): how many of its jobs are in each state, in the order of the states, and how many of the
-- ready ones are manual. A state's place is its digit and FIRST_COUNT.
-- gives: COUNTS, READY_COUNT, RUNNING_COUNT, STOPPING_COUNT, MANUAL_COUNT, FIRST_COUNT, parseCounts, formatCounts
COUNTS = '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$'
FIRST_COUNT = 1
READY_COUNT = 2
RUNNING_COUNT = 3
STOPPING_COUNT = 4
MANUAL_COUNT = 8

-- `text` nil: there are no such jobs.
function parseCounts(text)
  if not text then return { 0, 0, 0, 0, 0, 0, 0, 0 } end
  local a, b, c, d, e, f, g, h = string.match(text, COUNTS)
  -- They were damaged: the scrub counts anew.
  if not a then return parseCounts(nil) end
  return { a + 0, b + 0, c + 0, d + 0, e + 0, f + 0, g + 0, h + 0 }
end

function formatCounts(counts)
  return table.concat(counts, ' ')
end
