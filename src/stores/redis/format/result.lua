-- Results (result.ts). A record says of its result by a mark whether there is one, and whether its output lies on its own.
-- gives: NO_RESULT, ONE_TEXT, LONG_OUTPUT, resultMarks, ERROR_PART, ERROR_BESIDE_CAUSE, NO_ERROR
NO_RESULT = '0'
ONE_TEXT = '1'
LONG_OUTPUT = '2'

-- By what a move says of the result.
resultMarks = { none = NO_RESULT, one = ONE_TEXT, long = LONG_OUTPUT }

-- The error in a result, as a text of JSON; the same in one with a cause and a stack behind it, where no text can hold the
-- bracket and the quote that stand between them, since a quote inside a text has a backslash before it; and none.
ERROR_PART = '^%[[^,\n]*,[01],("[^\n]*")%]\n'
ERROR_BESIDE_CAUSE = '^%[[^,\n]*,[01],("[^\n]*"),%["?%l+"?,"[^\n]*"%]%]\n'
NO_ERROR = '""'
