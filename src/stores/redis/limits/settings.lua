-- Limits as words (settings.ts): `concurrency max per pausedUntil`.
-- gives: parseLimit

local function isWord(word)
  return word == 'none' or #word <= 15 and string.find(word, '^%d+%.?%d*$') and true
end

-- nil: the text makes none.
function parseLimit(text)
  local concurrency, max, per, pausedUntil = string.match(text, '^(%S+) (%S+) (%S+) (%S+)$')
  if not concurrency or not (isWord(concurrency) and isWord(max) and isWord(per) and isWord(pausedUntil)) then return nil end
  if tonumber(per) == 0 or (max == 'none') ~= (per == 'none') then return nil end
  return { concurrency = tonumber(concurrency), max = tonumber(max), per = tonumber(per), pausedUntil = tonumber(pausedUntil) }
end
