-- An entry of the journal (port.ts): when a step was done, and what it did.
-- needs: call, nowText from frame/time
-- gives: addEntry

-- Fields, each with its text. `moved`: each verb with the ids that it moved, divided by semicolons; `defined` and `fired`: the
-- words of the definitions that were put and of the firings; `told`: the events, one behind the other (moved.lua). Redis numbers
-- the entries, without gaps. Answers that.
function addEntry(...)
  return call('XADD', key.journal, '0-*', 'at', nowText, ...)
end
