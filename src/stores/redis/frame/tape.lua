-- The arguments of a batch's calls, taken one after the other. Before them stand the clock (time.lua), the sender
-- (sender.lua) and the jobs that calls are about (jobs/targets.lua).
-- gives: take, takeNumber, takeList, answerCalls
-- shares: verbs
local ARGV, at = ARGV, 4 + ARGV[4]

function take()
  at = at + 1
  return ARGV[at]
end

function takeNumber()
  at = at + 1
  return tonumber(ARGV[at])
end

-- How many, then each.
function takeList()
  local list = {}
  for i = 1, takeNumber() do list[i] = take() end
  return list
end

-- What answers each call, by the verb's name in the port: it gets what follows that in its first argument, takes the
-- others, and answers the call's reply.
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
