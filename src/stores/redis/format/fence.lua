-- Fences: decimal texts.
-- gives: nextFence

-- A decimal text and one, however long it is.
local function successor(decimal)
  local nines = #string.match(decimal, '9*$')
  local zeros = string.rep('0', nines)
  local head = string.sub(decimal, 1, #decimal - nines)
  if head == '' then return '1' .. zeros end
  return string.sub(head, 1, -2) .. (string.byte(head, -1) - 47) .. zeros
end

-- Rises with the clock, so that it rises even over a claim that a failover has forgotten. `clock`: microseconds, as text.
function nextFence(last, clock)
  if #last < #clock or (#last == #clock and last < clock) then return clock end
  return successor(last)
end
