-- A node's record is one text of words.
-- gives: MODE, SERVER, JOINED, STARTED_AT, HEARD, LEASE, BUSY, SLOTS, NAME, parseNode, findNode, keepNode, hear
MODE, SERVER, JOINED, STARTED_AT, HEARD, LEASE, BUSY, SLOTS, NAME = 1, 2, 3, 4, 5, 6, 7, 8, 9

function parseNode(text)
  local node = {}
  for word in string.gmatch(text, '%S+') do node[#node + 1] = word end
  return node
end

function findNode(incarnation)
  local text = call('HGET', key.nodes, incarnation)
  return text and parseNode(text) or nil
end

function keepNode(incarnation, node)
  call('HSET', key.nodes, incarnation, table.concat(node, ' '))
end

function hear(node, ttl)
  node[HEARD] = nowText
  node[LEASE] = millisText(now + ttl)
end
