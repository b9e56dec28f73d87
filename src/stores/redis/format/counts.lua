-- The counts of a line, taken apart (counts-text.lua).
-- needs: COUNTS from format/counts-text
-- gives: parseCounts, formatCounts

-- `text` nil: there are no such jobs.
function parseCounts(text)
  if not text then return { 0, 0, 0, 0, 0, 0, 0, 0 } end
  local a, b, c, d, e, f, g, h = string.match(text, COUNTS)
  return { a + 0, b + 0, c + 0, d + 0, e + 0, f + 0, g + 0, h + 0 }
end

function formatCounts(counts)
  return table.concat(counts, ' ')
end
