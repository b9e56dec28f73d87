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

-- Workers that are told by name (ready-hint.ts).
local mostTold = 32

-- The words of workers with something to claim, '' for any; nil: there is none.
local function readyWorkers()
  if not next(ready) then return nil end
  local workers, known = {}, {}
  for line in pairs(ready) do
    local worker = string.match(line, '^[^/]+')
    if not worker or #workers > mostTold then return '' end
    if not known[worker] then known[worker], workers[#workers + 1] = true, worker end
  end
  return #workers > mostTold and '' or table.concat(workers, ' ')
end

-- Answers them all.
function tellHints()
  local inboxes = {}
  for holder in pairs(holders) do inboxes[#inboxes + 1] = holder end
  return publishHints(readyWorkers(), table.concat(endedIds, ' '), table.concat(inboxes, ' '), isDefined, isTold)
end
