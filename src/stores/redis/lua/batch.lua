-- All calls of one batch in their order; the last reply is the hints.
local sender = take()
local replies = answerCalls()
flush()
keepLastId()
keepEvent()
replies[#replies + 1] = tellHints(sender)
return replies
