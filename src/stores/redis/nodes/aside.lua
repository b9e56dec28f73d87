-- Records of nodes that nobody can read: the node is forgotten. What it held has no holder any more, which the scrub of jobs finds.
-- needs: keepAside, keptPart, plainWord from frame/aside
-- needs: call from frame/time
-- gives: setAsideNode

-- Answers whether there was one.
function setAsideNode(incarnation, reason)
  local live, gone = call('HGET', key.nodes, incarnation), call('HGET', key.gone, incarnation)
  if not live and not gone then return false end
  keepAside('node:' .. plainWord(incarnation), reason, keptPart('live', live) .. keptPart('gone', gone)
    .. keptPart('serves', call('HGET', key.serves, incarnation)))
  for _, name in ipairs({ key.nodes, key.gone, key.serves }) do call('HDEL', name, incarnation) end
  call('DEL', key.inbox .. incarnation)
  return true
end
