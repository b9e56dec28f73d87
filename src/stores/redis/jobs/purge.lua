-- jobs.purge: ended jobs that people want to be rid of.
-- needs: classOf from format/facts
-- needs: SUCCEEDED from format/states
-- needs: NONE from format/words
-- needs: takeList, verbs from frame/tape
-- needs: flush from frame/writes
-- needs: moved from journal/moved
-- needs: recordOf from jobs/records
-- needs: removeJob from jobs/removal
-- needs: load from jobs/texts
-- needs: forgetOwned from definitions/owned

-- The ids come each once. Answers how many jobs ended before the time, and are gone.
verbs['jobs.purge'] = function(before)
  local ids, count = takeList(), 0
  before = tonumber(before)
  load(ids)
  for _, id in ipairs(ids) do
    local record = recordOf(id)
    if record and record.state >= SUCCEEDED and (tonumber(record.ended) or math.huge) < before then
      removeJob(id, record)
      moved('delete', id)
      -- What it did stays with its owner.
      if record.owner ~= NONE then forgetOwned(record.owner, id, classOf(record.state, record.lane)) end
      count = count + 1
    end
  end
  flush()
  return count
end
