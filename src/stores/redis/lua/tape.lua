-- The call's arguments, taken one after the other, and its time. Functions that every job needs have local names, which
-- Lua finds sooner.
-- gives: call, sub, match, find, byte, form, concat, floor, min, max, take, takeNumber, takeList, verbs, answerCalls
-- gives: none, now, nowText, microsText, millisText
call, sub, match, find, byte, form = redis.call, string.sub, string.match, string.find, string.byte, string.format
concat, floor, min, max = table.concat, math.floor, math.min, math.max
local ARGV = ARGV

local at = 0

function take()
  at = at + 1
  return ARGV[at]
end

function takeNumber()
  at = at + 1
  return tonumber(ARGV[at])
end

function takeList()
  local list = {}
  for i = 1, takeNumber() do list[i] = take() end
  return list
end

-- The calls, by name: each gets what follows its name, takes its arguments and answers its reply.
verbs = {}

-- All calls that are left. Many have the same first argument.
function answerCalls()
  local replies, known, count = {}, {}, #ARGV
  while at < count do
    local text = take()
    local asked = known[text]
    if not asked then
      local name, spec = match(text, '^(%S+) ?(.*)$')
      asked = { verb = verbs[name], spec = spec }
      known[text] = asked
    end
    replies[#replies + 1] = asked.verb(asked.spec)
  end
  return replies
end

-- Stands for an empty text where texts are divided by blanks (words.ts).
none = '-'

-- Milliseconds by which a test's clock runs ahead; 0 otherwise.
local ahead = takeNumber()
local time = call('TIME')
local micros = time[1] * 1000000 + time[2] + ahead * 1000
now = floor(micros / 1000)
-- Whole numbers below 2^53; the usual conversion to text would round them.
nowText = form('%.0f', now)
microsText = form('%.0f', micros)

-- A time or a duration as it is kept: whole milliseconds, later rather than earlier.
function millisText(number)
  return form('%.0f', math.ceil(number))
end
