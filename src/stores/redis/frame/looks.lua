-- All calls of one batch in their order, all of which only look; as many as the reply has room for, and the first one at least.
-- needs: take, verbs from frame/tape

-- Bytes of one reply beyond which no further call is answered in it.
local mostBytes = 2097152

local function sizeOf(reply)
  if type(reply) == 'string' then return #reply end
  if type(reply) ~= 'table' then return 0 end
  local size = 0
  for i = 1, #reply do size = size + sizeOf(reply[i]) end
  return size
end

local replies, bytes, text = {}, 0, take()
while text and bytes <= mostBytes do
  local name, spec = string.match(text, '^(%S+) ?(.*)$')
  local reply = verbs[name](spec)
  bytes = bytes + sizeOf(reply)
  replies[#replies + 1] = reply
  text = take()
end
return replies
