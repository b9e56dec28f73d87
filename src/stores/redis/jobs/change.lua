-- jobs.change: what an operator asks for.
-- needs: movesIn from format/moves
-- needs: verbs from frame/tape
-- needs: flush from frame/writes
-- needs: applyMove from jobs/apply
-- needs: takeMove from jobs/take-move
-- needs: recordOf from jobs/records
-- needs: showJobs from jobs/show
-- needs: takeTarget from jobs/targets

-- Answers the job as it is then; or `missing`, or the state that does not allow it.
verbs['jobs.change'] = function(text)
  local moves, id = movesIn(text), takeTarget()
  local record = recordOf(id)
  local move, result, output = takeMove(moves, record and record.state)
  if not record then return 'missing' end
  if not move then return record.state end
  applyMove(id, record, move, result, output)
  flush()
  return showJobs({}, { id }, true)
end
