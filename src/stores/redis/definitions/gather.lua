-- definitions.gather: parts for windows.
-- needs: dueOf from format/definition
-- needs: NONE from format/words
-- needs: hintDefined from frame/hints
-- needs: take, takeNumber, verbs from frame/tape
-- needs: now, nowText from frame/time
-- needs: atOnce from definitions/owned
-- needs: definitionOf, touchDefinition from definitions/table
-- needs: addPart from definitions/window-parts
-- gives: gather, skipPart

local function closing(d, time)
  return string.format('%.0f', atOnce(d, math.ceil(time)))
end

-- Takes the part. A window that has closed gathers parts until it is collected, and does not move (core/window.ts fitsWindow, windowWith).
function gather(word)
  local text, characters, wait, maxWait = take(), takeNumber(), takeNumber(), takeNumber()
  local mostParts, mostCharacters = takeNumber(), takeNumber()
  local d = definitionOf(word)
  if not d or d.size == NONE then return 'missing' end
  local before = dueOf(d)
  local fits = tonumber(d.count) < mostParts and d.characters + characters <= mostCharacters
  touchDefinition(word, d)
  if d.openedAt == NONE then d.openedAt, d.closesAt = nowText, closing(d, now + wait) end
  if maxWait and d.closesAt ~= NONE and now < tonumber(d.closesAt) then
    d.closesAt = closing(d, math.min(d.openedAt + maxWait, now + wait))
  end
  if fits then
    d.count, d.characters = d.count + 1, d.characters + characters
    addPart(word, text)
  else
    d.dropped = d.dropped + 1
  end
  local after = dueOf(d)
  if after and (not before or after < before) then hintDefined() end
  return fits and 'gathered' or 'dropped'
end

-- Takes the same, and leaves it.
function skipPart()
  for _ = 1, 7 do take() end
end

verbs['definitions.gather'] = function(total)
  local answers = {}
  for i = 1, total do answers[i] = gather(take()) end
  return answers
end
