-- Results (result.ts). A record says of its result by a mark whether there is one, and whether its output lies on its own.
-- gives: NO_RESULT, ONE_TEXT, LONG_OUTPUT, resultMarks, ERROR_PART, NO_ERROR
NO_RESULT = '0'
ONE_TEXT = '1'
LONG_OUTPUT = '2'

-- By what a move says of the result.
resultMarks = { none = NO_RESULT, one = ONE_TEXT, long = LONG_OUTPUT }

-- The error in a result, as a text of JSON; and none.
ERROR_PART = '^%[[^,\n]*,[01],("[^\n]*")%]\n'
NO_ERROR = '""'
