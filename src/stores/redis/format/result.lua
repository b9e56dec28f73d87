-- Results (result.ts). A record says of its result by a mark whether there is one, and whether its output lies on its own.
-- gives: NO_RESULT, ONE_TEXT, LONG_OUTPUT, resultMarks
NO_RESULT, ONE_TEXT, LONG_OUTPUT = '0', '1', '2'

-- By what a move says of the result.
resultMarks = { none = NO_RESULT, one = ONE_TEXT, long = LONG_OUTPUT }
