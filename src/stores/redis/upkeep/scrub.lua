-- upkeep.scrub: what is known twice is compared with the records, which are the truth. A cursor says in which check it is
-- and how far.
-- parts: scrub
-- needs: repaired, checks from frame/checks
-- needs: takeNumber, verbs from frame/tape
-- needs: flush from frame/writes
-- needs: takeLoseMoves from jobs/lost-moves

-- Things that are looked at in one step, about: then others who wait for Redis have their turn.
local piece = 200

-- Answers the cursor of the next step, '' at the end; how much was looked at; and what was repaired, by kind.
verbs['upkeep.scrub'] = function(from)
  local limit, movesOf = takeNumber(), takeLoseMoves()
  flush()
  local check, inside = string.match(from, '^(%d+):(.+)$')
  check = tonumber(check) or 1
  local cursor, total = inside or '0', 0
  while checks[check] and total < math.min(limit, piece) do
    local after, checked = checks[check](cursor, math.min(limit, piece), movesOf, limit)
    total = total + checked
    if not after then check = check + 1 end
    cursor = after or '0'
  end
  flush()
  local reply = { checks[check] and check .. ':' .. cursor or '', total }
  for kind, number in pairs(repaired) do
    reply[#reply + 1] = kind
    reply[#reply + 1] = number
  end
  return reply
end
