-- upkeep.sweep: what is old enough goes, a bounded piece of each kind in one step.
-- needs: millisText from format/millis
-- needs: NONE from format/words
-- needs: takeNumber, verbs from frame/tape
-- needs: now from frame/time
-- needs: sweepEntries from journal/sweep
-- needs: sweepEnded, sweepKeys from jobs/sweep
-- needs: sweepHistories from jobs/history-sweep
-- needs: sweepRemoved from definitions/sweep

-- Answers how many jobs, entries, keys and definitions are gone, how many outputs were cut, and 1 when there is more to look at.
verbs['upkeep.sweep'] = function(ended)
  local entries, keys, output, limit = takeNumber(), takeNumber(), takeNumber(), takeNumber()
  local jobsGone, moreJobs = 0, false
  if ended ~= NONE then jobsGone, moreJobs = sweepEnded(millisText(now - tonumber(ended)), limit) end
  local entriesGone, moreEntries = sweepEntries(entries, limit)
  local keysGone, moreKeys = sweepKeys(string.format('%.0f', now - keys), limit)
  local removedGone, moreRemoved = sweepRemoved(string.format('%.0f', now - entries), limit)
  local outputsCut, moreOutputs = sweepHistories(output, limit)
  local more = moreJobs or moreEntries or moreKeys or moreRemoved or moreOutputs
  return { jobsGone, entriesGone, keysGone, removedGone, outputsCut, more and 1 or 0 }
end
