-- What does not change in a job's life (body.ts): scripts only move it.
-- gives: LONG_PAYLOAD, CREATED_PART, NO_BODY, SEPARATOR, bodyWith

-- The first byte of a body whose payload lies on its own: an l.
LONG_PAYLOAD = 108

-- When the job was made, in a body that tells it.
CREATED_PART = '^%a[^\n]*,(%d+)%]\n'

-- Of a job that has lost its own: one that cannot be shown would be in the way of all others.
NO_BODY = 'n["","","","",[null,1,0,0,0,0],null]\n'

-- Stands between jobs that are shown in one text, so that no payload inside has it.
SEPARATOR = '\30'
local longestInside = 1024

-- Of a body that has none: answers it with this one; and, if that is long, the payload, which then lies on its own.
function bodyWith(body, payload)
  local line = string.sub(body, 2)
  if #payload > longestInside or string.find(payload, SEPARATOR, 1, true) then return 'l' .. line, payload end
  return 'i' .. line .. payload, nil
end
