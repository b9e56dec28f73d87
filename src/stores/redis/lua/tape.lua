-- The call's arguments, taken one after the other, and its time.
-- gives: call, take, takeNumber, verbs, answerCalls, none, now, nowText, microsText, millisText
call = redis.call

local ARGV, at = ARGV, 0

function take()
  at = at + 1
  return ARGV[at]
end

function takeNumber()
  at = at + 1
  return tonumber(ARGV[at])
end

-- The calls, by name: each gets what follows its name, takes its arguments and answers its reply.
verbs = {}

-- All calls that are left. Many have the same first argument.
function answerCalls()
  local replies, known, total = {}, {}, #ARGV
  while at < total do
    local text = take()
    local asked = known[text]
    if not asked then
      local name, spec = string.match(text, '^(%S+) ?(.*)$')
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
now = math.floor(micros / 1000)
-- Whole numbers below 2^53; the usual conversion to text would round them.
nowText = string.format('%.0f', now)
microsText = string.format('%.0f', micros)

-- A time or a duration as it is kept: whole milliseconds, later rather than earlier.
function millisText(number)
  return string.format('%.0f', math.ceil(number))
end
