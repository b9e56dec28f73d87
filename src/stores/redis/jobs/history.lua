-- The history of a job: its earlier attempts, the newest last.
-- needs: HISTORY from format/attempt
-- needs: FENCE_PART from format/attempt only: careful
-- needs: call from frame/time
-- gives: addAttempt

-- `text` is what format/attempt.lua writes of the attempt of this fence.
function addAttempt(id, fence, text)
  local name = key.attempts .. id
  -- only: careful
  -- The script that failed may have added it.
  if string.match(call('LINDEX', name, -1) or '', FENCE_PART) == fence then return end
  -- always
  if call('RPUSH', name, text) > HISTORY then call('LTRIM', name, -HISTORY, -1) end
end
