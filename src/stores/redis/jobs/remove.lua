-- jobs.remove: a record and its history.
-- needs: classOf from format/facts
-- needs: NONE from format/words
-- needs: verbs from frame/tape
-- needs: flush from frame/writes
-- needs: moved from journal/moved
-- needs: recordOf from jobs/records
-- needs: removeJob from jobs/removal
-- needs: showJobs from jobs/show
-- needs: takeTarget from jobs/targets
-- needs: follow from definitions/owned

-- Answers the job as it was; or `missing`, or the state that is not among those given.
verbs['jobs.remove'] = function(states)
  local id = takeTarget()
  local record = recordOf(id)
  if not record then return 'missing' end
  if not string.find(states, record.state, 1, true) then return record.state end
  flush()
  local shown = showJobs({}, { id }, true)
  removeJob(id, record)
  moved('delete', id)
  flush()
  if record.owner ~= NONE then follow(record.owner, id, classOf(record.state, record.lane), nil) end
  return shown
end
