-- The record of a running job that a node holds and no definition owns, as a text (record.lua).
-- gives: plainParts

-- If the fence proves it and no text of it lies on its own: its result's mark, the rest behind its reason, and out of that
-- its holder, operation and line.
function plainParts(text, fence)
  return string.match(text, '^2 ([01]) ' .. fence .. ' %- %- (%d+ (%S+) (%S+) %- %d+ (%S+)/[01] %S+ %S+ %- .+)$')
end
