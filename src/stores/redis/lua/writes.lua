-- What a script writes is collected, so that each command is called once for all jobs: calls are what costs.
-- What is taken away goes first, then what is put in its place.
local order = { 'ZREM', 'HDEL', 'ZADD', 'HSET', 'RPUSH' }
local writes = {}
for _, command in ipairs(order) do writes[command] = {} end

-- More arguments do not fit on Lua's stack; even, so that pairs stay together.
local most = 4000

local function send(command, name, args)
  local count = #args
  for from = 1, count, most do
    redis.call(command, name, unpack(args, from, math.min(from + most - 1, count)))
  end
end

-- The replies of a command that answers one element for each argument.
local function ask(command, name, args)
  if #args == 0 then return {} end
  if #args <= most then return redis.call(command, name, unpack(args)) end
  local replies = {}
  for from = 1, #args, most do
    for _, reply in ipairs(redis.call(command, name, unpack(args, from, math.min(from + most - 1, #args)))) do
      replies[#replies + 1] = reply
    end
  end
  return replies
end

local function write(command, name, first, second)
  local args = writes[command][name]
  if not args then
    args = {}
    writes[command][name] = args
  end
  local count = #args
  args[count + 1] = first
  if second then args[count + 2] = second end
end

local function sendWrites()
  for _, command in ipairs(order) do
    local byName = writes[command]
    if next(byName) then
      for name, args in pairs(byName) do send(command, name, args) end
      writes[command] = {}
    end
  end
end
