-- All calls of one batch in their order; the last reply is the hints.
local replies = {}
local sender = take()
while at < #ARGV do replies[#replies + 1] = verbs[take()]() end
flush()
keepLastId()
keepEvent()
replies[#replies + 1] = tellHints(sender)
return replies
