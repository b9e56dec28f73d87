-- The order of fences: numbers of up to 19 digits, which are too large for Lua's.
-- gives: isBefore

function isBefore(fence, other)
  if #fence ~= #other then return #fence < #other end
  return fence < other
end
