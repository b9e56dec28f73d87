-- upkeep.sweep: what is old enough goes, a bounded piece of each kind in one step.
-- needs: millisText from format/millis
-- needs: NONE from format/words
-- needs: take, takeNumber, verbs from frame/tape
-- needs: now from frame/time
-- needs: sweepEntries, sweepEventKeys from journal/sweep
-- needs: sweepEnded, sweepKeys from jobs/sweep
-- needs: sweepHistories from jobs/history-sweep
-- needs: sweepRemoved from definitions/sweep

-- Answers how many jobs, entries, keys and definitions are gone, how many outputs were cut, and 1 when there is more to look at.
verbs['upkeep.sweep'] = function(ended)
  local entries, told, keys, output, limit = takeNumber(), take(), takeNumber(), takeNumber(), takeNumber()
  local jobsGone, moreJobs = 0, false
  if ended ~= NONE then jobsGone, moreJobs = sweepEnded(millisText(now - tonumber(ended)), limit) end
  local entriesGone, moreEntries = sweepEntries(entries, told, limit)
  local keysGone, moreKeys = sweepKeys(string.format('%.0f', now - keys), limit)
  local eventKeysGone, moreEventKeys = sweepEventKeys(string.format('%.0f', now - keys), limit)
  local removedGone, moreRemoved = sweepRemoved(string.format('%.0f', now - entries), limit)
  local outputsCut, moreOutputs = sweepHistories(output, limit)
  local more = moreJobs or moreEntries or moreKeys or moreEventKeys or moreRemoved or moreOutputs
  return { jobsGone, entriesGone, keysGone + eventKeysGone, removedGone, outputsCut, more and 1 or 0 }
end
