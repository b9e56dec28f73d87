-- Moves for many jobs: attempts that are handed back, or taken back because their holder is gone.
-- needs: flush from frame/writes
-- needs: applyMove from jobs/apply
-- needs: recordOf from jobs/records
-- needs: load from jobs/texts
-- gives: applyAll

-- Applies to each of these jobs the move for the state it is found in; `movesOf` answers a record's moves. Answers how
-- many jobs moved.
function applyAll(ids, movesOf)
  load(ids)
  local total = 0
  for _, id in ipairs(ids) do
    local record = recordOf(id)
    local chosen = record and movesOf(record)[record.state]
    if chosen then
      applyMove(id, record, chosen[1], chosen[2])
      total = total + 1
    end
  end
  flush()
  return total
end
