-- What the jobs of a definition did (facts.ts): a line for each facet, none where there is nothing to tell. A last one, left out while
-- it has nothing to tell, counts those that are gone, by how they had ended: succeeded, failed, canceled.
--
--   id at end error
--
-- `at` is none for a live job that was made when its id says so. The end is a digit, none while the job lives; the error is
-- a text of JSON.
-- A job stands in its owner's index by its class: 0 live, 2 succeeded, 4 failed, 6 canceled, and one more for a manual one.
-- needs: SUCCEEDED from format/states
-- needs: NONE from format/words
-- gives: factLine, parseFacts, formatFacts, oneMoreGone, classOf, LIVE, facets
-- The highest class of live jobs.
LIVE = 1

-- By facet, the classes that are of it: newest, succeeded, failed, manual.
facets = {
  { [0] = true, true, true, true, true, true, true, true },
  { [2] = true, [3] = true },
  { [4] = true, [5] = true },
  { [1] = true, [3] = true, [5] = true, [7] = true },
}

function classOf(state, lane)
  return 2 * math.max(0, state - SUCCEEDED + 1) + string.sub(lane, -1)
end

function factLine(id, at, class, error)
  local ended = class > LIVE and math.floor(class / 2) + SUCCEEDED - 1 or NONE
  return id .. ' ' .. at .. ' ' .. ended .. ' ' .. error
end

local goneLine = '^%d+ %d+ %d+$'

-- A line for each facet, and what is gone.
function parseFacts(text)
  local newest, succeeded, failed, manual, gone = string.match(text, '^([^\n]*)\n([^\n]*)\n([^\n]*)\n([^\n]*)\n?([^\n]*)$')
  -- They were damaged: the scrub makes them anew.
  if not newest then return { NONE, NONE, NONE, NONE, gone = '' } end
  return { newest, succeeded, failed, manual, gone = string.find(gone, goneLine) and #gone < 50 and gone or '' }
end

-- nil: there is nothing to tell.
function formatFacts(facts)
  local text = table.concat(facts, '\n')
  if facts.gone ~= '' then return text .. '\n' .. facts.gone end
  return text ~= '-\n-\n-\n-' and text or nil
end

-- One job more that had ended, and stood by this class, is gone.
function oneMoreGone(gone, class)
  local counts = { string.match(gone, '^(%d+) (%d+) (%d+)$') }
  for at = 1, 3 do
    counts[at] = string.format('%.0f', (tonumber(counts[at]) or 0) + (at == math.floor(class / 2) and 1 or 0))
  end
  return table.concat(counts, ' ')
end
