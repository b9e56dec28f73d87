-- Texts as words (words.ts).
-- gives: none

-- Stands for an empty text where texts are divided by blanks.
none = '-'
