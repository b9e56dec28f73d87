-- All calls of one batch in their order; the last two replies are the ids of plain pushes and the hints.
local sender = take()
local replies = answerCalls()
flush()
keepLastId()
keepEvent()
replies[#replies + 1] = concat(plainIds, ' ')
replies[#replies + 1] = tellHints(sender)
return replies
