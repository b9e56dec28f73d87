-- The hints that a batch gives.
-- needs: publishHints from frame/publish
-- gives: hintReady, hintInbox, hintDefined, hintTold, tellHints
-- shares: endedIds
local ready, holders, isDefined, isTold = {}, {}, false, false

-- In this line, or in some line, there may be something to claim; or there is nothing any more.
function hintReady(line, isReady)
  ready[line] = isReady or nil
end

-- The holder has a new message.
function hintInbox(holder)
  holders[holder] = true
end

-- A definition was put or removed, or is due sooner than it was.
function hintDefined()
  isDefined = true
end

-- Events were published.
function hintTold()
  isTold = true
end

-- Jobs that have ended: somebody may wait for them.
endedIds = {}

-- Answers them all.
function tellHints()
  local inboxes = {}
  for holder in pairs(holders) do inboxes[#inboxes + 1] = holder end
  return publishHints(next(ready), table.concat(endedIds, ' '), table.concat(inboxes, ' '), isDefined, isTold)
end
