-- The logs of jobs (log.ts).
-- needs: NONE from format/words
-- gives: LINE_SIZE, LINE_PLACE, parseLog, formatLog, KEPT_LINES, KEPT_CHARACTERS

-- What is kept of one job (core/report.ts).
KEPT_LINES = 1000
KEPT_CHARACTERS = 262144

-- A line is its fence, its number, its time and its size, and then what Node says of it. Its place, and its size.
LINE_PLACE = '^(%d+) (%d+) '
LINE_SIZE = '^%d+ %d+ %d+ (%d+) '

-- The fence and the number of the newest line that was told, how many lines are kept and their sizes together, how many are not;
-- fence, time and value of the newest progress.
function parseLog(text)
  local fence, number, lines, size, dropped, progressFence, progressAt, progress =
    string.match(text or '', '^(%S+) (%d+) (%d+) (%d+) (%d+) (%S+) (%S+)\n(.*)$')
  return {
    fence = fence or NONE, number = tonumber(number or 0), lines = tonumber(lines or 0), size = tonumber(size or 0),
    dropped = tonumber(dropped or 0), progressFence = progressFence or NONE, progressAt = progressAt or NONE, progress = progress or '',
  }
end

function formatLog(log)
  return log.fence .. ' ' .. string.format('%.0f %.0f %.0f %.0f', log.number, log.lines, log.size, log.dropped) .. ' '
    .. log.progressFence .. ' ' .. log.progressAt .. '\n' .. log.progress
end
