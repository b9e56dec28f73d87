-- definitions.count: how many there are of a group, as its index tells.
-- needs: take, takeNumber, verbs from frame/tape
-- needs: call from frame/time

verbs['definitions.count'] = function(kind)
  local group, from, to, limit = take(), take(), take(), takeNumber()
  return math.min(call('ZLEXCOUNT', key.groups .. kind .. '/' .. group, from, to), limit)
end
