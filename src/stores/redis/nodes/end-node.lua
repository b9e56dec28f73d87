-- How a node ends: its record goes to those that are gone, and its inbox with it.
-- needs: call from frame/time
-- needs: goneText, heardIn from nodes/node
-- gives: endNode

-- Of the nodes that are gone the `most` heard of last are remembered.
local function remember(incarnation, text, most)
  call('HSET', key.gone, incarnation, text)
  local all = call('HGETALL', key.gone)
  if #all <= 2 * most then return end
  local gone = {}
  for i = 1, #all, 2 do gone[#gone + 1] = { all[i], heardIn(all[i + 1]) } end
  table.sort(gone, function(a, b) return a[2] > b[2] end)
  for i = most + 1, #gone do call('HDEL', key.gone, gone[i][1]) end
end

-- `how`: `left` or `buried`.
function endNode(incarnation, node, how, most)
  call('HDEL', key.nodes, incarnation)
  call('HDEL', key.serves, incarnation)
  call('DEL', key.inbox .. incarnation)
  remember(incarnation, goneText(node, how), most)
end
