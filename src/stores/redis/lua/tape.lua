-- The call's arguments, taken one after the other, and its time.
local at = 0

local function take()
  at = at + 1
  return ARGV[at]
end

local function takeNumber()
  at = at + 1
  return tonumber(ARGV[at])
end

local function takeList()
  local list = {}
  for i = 1, takeNumber() do list[i] = take() end
  return list
end

-- The calls, by name: each takes its arguments and answers its reply.
local verbs = {}

-- Stands for an empty text where texts are divided by blanks (words.ts).
local none = '-'

-- Milliseconds by which a test's clock runs ahead; 0 otherwise.
local ahead = takeNumber()
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2] + ahead * 1000
local now = math.floor(micros / 1000)
-- Whole numbers below 2^53; the usual conversion to text would round them.
local nowText = string.format('%.0f', now)
local microsText = string.format('%.0f', micros)

-- A time or a duration as it is kept: whole milliseconds, later rather than earlier.
local function millisText(number)
  return string.format('%.0f', math.ceil(number))
end
