-- nodes.renew
-- needs: take, takeNumber, verbs from frame/tape
-- needs: call from frame/time
-- needs: digestOf from jobs/holds
-- needs: findNode, keepNode, hear from nodes/node

-- Answers nothing for a node that is buried; else its mode, the digest of what it holds, and its messages above `ack`.
verbs['nodes.renew'] = function(incarnation)
  local ttl, ack, running, slots, health, serves = takeNumber(), takeNumber(), take(), take(), take(), take()
  local address = serves ~= '' and take()
  local node = findNode(incarnation)
  if not node then return {} end
  hear(node, ttl)
  node.running, node.slots, node.health = running, slots, health
  if address then
    node.address = address
    call('HSET', key.serves, incarnation, serves)
  end
  keepNode(incarnation, node)
  local reply = { node.mode, digestOf(incarnation) }
  local handled = 0
  for _, message in ipairs(call('LRANGE', key.inbox .. incarnation, 0, -1)) do
    local seq = tonumber(string.match(message, '^%d+') or 0)
    if seq > ack then reply[#reply + 1] = message elseif #reply == 2 then handled = handled + 1 end
  end
  if handled > 0 then call('LTRIM', key.inbox .. incarnation, handled, -1) end
  return reply
end
