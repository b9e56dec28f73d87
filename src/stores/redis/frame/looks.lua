-- All calls of one batch of calls that only look.
-- needs: answerCalls from frame/tape
return answerCalls()
