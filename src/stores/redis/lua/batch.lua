-- All calls of one batch in their order; the last two replies are the ids of jobs that were pushed alone and the hints.
local replies = answerCalls()
flush()
for _, finish in ipairs(atEnd) do finish() end
keepEvent()
replies[#replies + 1] = concat(plainIds, ' ')
replies[#replies + 1] = tellHints(sender)
return replies
