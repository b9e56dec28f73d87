-- Texts as words (words.ts).
-- gives: NONE

-- Stands for an empty text where texts are divided by blanks.
NONE = '-'
