-- Whole numbers that are kept as texts.
-- gives: wholeIn

-- The number as Node writes it (definitions/list.ts countOf); nil: there is none, or it is more than all that is counted here, so
-- that somebody damaged it.
function wholeIn(text)
  if not text or #text > 15 or not string.find(text, '^%d+$') then return nil end
  return string.format('%.0f', tonumber(text))
end
