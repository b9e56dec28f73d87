-- nodes.join
-- needs: NONE from format/words
-- needs: take, takeNumber, verbs from frame/tape
-- needs: call, nowText from frame/time
-- needs: findNode, liveNodes, keepNode, hear from nodes/node
local highestServer = 1023

-- The lowest one from 1; nil: there is none.
local function freeServer(taken)
  for id = 1, highestServer do
    if not taken[tostring(id)] then return tostring(id) end
  end
end

local function newNode(server, name, version, address)
  return {
    mode = 'active', server = server, joined = string.format('%.0f', call('HINCRBY', key.meta, 'join', 1)), started = nowText,
    running = '0', slots = '0', name = name, version = version, address = address, health = '',
  }
end

-- Answers `joined`, the server id and the namesakes; `taken` and by whom; or `full`.
verbs['nodes.join'] = function(incarnation)
  local name, version, address, serves, asked, ttl = take(), take(), take(), take(), take(), takeNumber()
  local known, others = findNode(incarnation), liveNodes()
  others[incarnation] = nil
  local taken, namesakes = {}, {}
  for other, node in pairs(others) do
    taken[node.server] = other
    if node.name == name then namesakes[#namesakes + 1] = other end
  end
  local server = known and known.server or asked ~= NONE and asked or freeServer(taken)
  if not server then return { 'full' } end
  if taken[server] then return { 'taken', taken[server] } end
  local node = known or newNode(server, name, version, address)
  hear(node, ttl)
  keepNode(incarnation, node)
  if not known then call('HSET', key.serves, incarnation, serves) end
  call('HDEL', key.gone, incarnation)
  return { 'joined', server, unpack(namesakes) }
end
