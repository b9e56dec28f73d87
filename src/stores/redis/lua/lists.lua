-- Lists among the arguments: how many, then each.
-- gives: takeList
function takeList()
  local list = {}
  for i = 1, takeNumber() do list[i] = take() end
  return list
end
