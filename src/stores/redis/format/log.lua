-- The logs of jobs (log.ts).
-- gives: LINE_SIZE, LINE_PLACE, parseLog, formatLog, KEPT_LINES, KEPT_CHARACTERS

-- What is kept of one job (core/report.ts).
KEPT_LINES = 1000
KEPT_CHARACTERS = 262144

-- A line is its fence, its number, its time and its size, and then what Node says of it. Its place, and its size.
LINE_PLACE = '^(%d+) (%d+) '
LINE_SIZE = '^%d+ %d+ %d+ (%d+) '

-- The fence and the number of the newest line that was told, how many lines are kept and their sizes together, how many are not;
-- fence, time and value of the newest progress. nil: the text makes none.
function parseLog(text)
  local fence, number, lines, size, dropped, progressFence, progressAt, progress =
    string.match(text or '- 0 0 0 0 - -\n', '^(%S+) (%d+) (%d+) (%d+) (%d+) (%S+) (%S+)\n(.*)$')
  if not fence or math.max(#number, #lines, #size, #dropped) > 15 then return nil end
  return {
    fence = fence, number = tonumber(number), lines = tonumber(lines), size = tonumber(size), dropped = tonumber(dropped),
    progressFence = progressFence, progressAt = progressAt, progress = progress,
  }
end

function formatLog(log)
  return log.fence .. ' ' .. string.format('%.0f %.0f %.0f %.0f', log.number, log.lines, log.size, log.dropped) .. ' '
    .. log.progressFence .. ' ' .. log.progressAt .. '\n' .. log.progress
end
