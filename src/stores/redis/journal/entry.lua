-- An entry of the journal (entries.ts): when a step was done, and what it moved.
-- needs: call, nowText from frame/time
-- gives: addEntry

-- `moved`: each verb with the ids that it moved, divided by semicolons. Redis numbers the entries, without gaps.
function addEntry(moved)
  call('XADD', key.journal, '0-*', 'at', nowText, 'moved', moved)
end
