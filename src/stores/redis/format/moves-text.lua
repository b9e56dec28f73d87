-- Moves that need not be taken apart (moves.lua).
-- gives: PLAIN_END, PLAIN_RETRY

-- However the attempt is found, the job ends in one way: the verb, the state, the reason and what follows of the result.
PLAIN_END = '^23 end (%S+) (%d) (%S+) (%S+)$'

-- A running job is tried again after a delay. The result follows twice.
PLAIN_RETRY = '^2 retry retry (%S+) %- one;3 end %S+ %d %S+ one$'
