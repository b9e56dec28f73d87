-- Times and durations as they are kept.
-- gives: millisText

-- Whole milliseconds, later rather than earlier.
function millisText(number)
  return string.format('%.0f', math.ceil(number))
end
