-- Earlier attempts (result.ts).
-- needs: HOLDER from format/record
-- gives: attemptText, HISTORY, FENCE_PART

-- Earlier attempts that are kept of a job: the newest (core/new-job.ts).
HISTORY = 100

-- Its fence.
FENCE_PART = '^%d+ %d+ (%d+) '

-- The attempt of a record, as it goes into its history.
function attemptText(record, how, ended, result)
  return record.run .. ' ' .. record.attempt .. ' ' .. record.fence .. ' ' .. string.match(record.hold, HOLDER) .. ' '
    .. record.started .. ' ' .. ended .. ' ' .. how .. '\n' .. result
end
