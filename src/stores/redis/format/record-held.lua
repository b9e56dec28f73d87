-- The record of a job that somebody holds, as a text (record.lua).
-- gives: heldParts

-- If the fence proves it: its state, its result's mark, the rest behind its reason, and out of that its hold, deadline, lane
-- and owner.
function heldParts(text, fence)
  return string.match(text, '^([23]) (%d) ' .. fence .. ' %- %- (%d+ (%S+ %S+) (%S+) %d+ (%S+) %S+ %S+ (%S+) .+)$')
end
