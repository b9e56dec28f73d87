-- A body gets its payload from a script (body.ts).
-- gives: bodyWith
local longestInside, separator = 1024, '\30'

-- Of a body that has none: answers it with this one; and, if that is long, the payload, which then lies on its own.
function bodyWith(body, payload)
  local line = string.sub(body, 2)
  if #payload > longestInside or string.find(payload, separator, 1, true) then return 'l' .. line, payload end
  return 'i' .. line .. payload, nil
end
