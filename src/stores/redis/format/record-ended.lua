-- The record of a job that ends, rewritten without being taken apart (record.lua).
-- gives: heldParts, endedText

-- Of a held job that the fence proves: its state, its result's mark, the rest behind its reason, and out of that its hold,
-- deadline, lane and owner. Nothing when the fence proves nothing.
function heldParts(text, fence)
  return string.match(text, '^([23]) (%d) ' .. fence .. ' %- %- (%d+ (%S+ %S+) (%S+) %d+ (%S+) %S+ %S+ (%S+) .+)$')
end

function endedText(state, result, fence, ended, reason, rest)
  return state .. ' ' .. result .. ' ' .. fence .. ' ' .. ended .. ' ' .. reason .. ' ' .. rest
end
