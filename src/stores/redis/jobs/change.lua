-- jobs.change: what an operator asks for.
-- needs: movesIn from format/moves
-- needs: verbs from frame/tape
-- needs: flush from frame/writes
-- needs: applyMove from jobs/apply
-- needs: takeMove from jobs/take-move
-- needs: recordOf from jobs/records
-- needs: showJobs from jobs/show
-- needs: takeTarget from jobs/targets
-- needs: settingsOf from queues/settings

-- Answers the job as it is then; or `missing`, the state that does not allow it, or `closed` and the queue that takes none.
verbs['jobs.change'] = function(text)
  local moves, id = movesIn(text), takeTarget()
  local record = recordOf(id)
  local move, result, output = takeMove(moves, record and record.state)
  if not record then return 'missing' end
  if not move then return record.state end
  local queue = move.kind == 'restart' and string.match(record.lane, '/([^/]+)/')
  local settings = queue and settingsOf(queue)
  if settings and settings.isClosed then return 'closed ' .. queue end
  applyMove(id, record, move, result, output)
  flush()
  return showJobs({}, { id }, true)
end
