-- What a script writes is collected in lists, so that each command is called once for all jobs: calls are what costs.
-- What is taken away goes first, then what is put in its place and what is added to lists, then the records of jobs, and last those
-- of definitions, which say what was fired and gathered: what fails before that can go again.
-- needs: call from frame/time
-- gives: ask, listOf, addPair, write, flush, finishWrites, waitingChanged, flushWaiting
-- shares: collectors, finishers
local order = { 'ZREM', 'HDEL', 'ZADD', 'HSET', 'RPUSH' }
local lists = { ZREM = {}, HDEL = {}, ZADD = {}, HSET = {}, RPUSH = {} }

-- More arguments do not fit on Lua's stack; even, so that pairs stay together.
local most = 4000

-- The replies of a command that answers one element for each argument.
function ask(command, name, args)
  local total = #args
  if total == 0 then return {} end
  if total <= most then return call(command, name, unpack(args)) end
  local replies = {}
  for from = 1, total, most do
    for _, reply in ipairs(call(command, name, unpack(args, from, math.min(from + most - 1, total)))) do
      replies[#replies + 1] = reply
    end
  end
  return replies
end

-- The arguments of a command for a key; `n` is how many they are now.
function listOf(command, name)
  local list = lists[command][name]
  if not list then
    list = { n = 0 }
    lists[command][name] = list
  end
  return list
end

function addPair(list, first, second)
  local n = list.n + 2
  list[n - 1], list[n] = first, second
  list.n = n
end

function write(command, name, first, second)
  local list = listOf(command, name)
  if second then return addPair(list, first, second) end
  local n = list.n + 1
  list[n], list.n = first, n
end

-- Before each flush, collectors add to the lists what they have collected; those that others collect for come later.
collectors = {}
-- Called once, when all calls have been answered. What they write goes to keys that the script has looked at before: it must not fail
-- any more.
finishers = {}

local isWaitingChanged = false

-- The collected writes will change which jobs wait: they must be there before anybody looks at lanes or due times.
function waitingChanged()
  isWaitingChanged = true
end

local function writeAll(command, name, list)
  local n = list.n
  list.n = 0
  for from = 1, n, most do call(command, name, unpack(list, from, math.min(from + most - 1, n))) end
end

local jobs, definitions = listOf('HSET', key.jobs), listOf('HSET', key.definitions)

-- From here on, what is read from Redis has all that was done; except for what finishers write.
function flush()
  isWaitingChanged = false
  for i = #collectors, 1, -1 do collectors[i]() end
  for i = 1, #order do
    local command = order[i]
    for name, list in pairs(lists[command]) do
      if list ~= jobs and list ~= definitions then writeAll(command, name, list) end
    end
  end
  writeAll('HSET', key.jobs, jobs)
  writeAll('HSET', key.definitions, definitions)
end

function finishWrites()
  flush()
  for i = 1, #finishers do finishers[i]() end
  flush()
end

-- From here on, what is read from Redis has all that was done to what waits.
function flushWaiting()
  if isWaitingChanged then flush() end
end
