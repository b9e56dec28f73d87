-- All calls of one batch in their order; the last reply is the hints.
-- needs: tellHints from frame/hints
-- needs: answerCalls from frame/tape
-- needs: finishWrites from frame/writes
local replies = answerCalls()
finishWrites()
replies[#replies + 1] = tellHints()
return replies
