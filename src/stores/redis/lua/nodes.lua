-- Nodes, their leases and inboxes.
local highestServer = 1023

local function otherNodes(incarnation)
  local others = {}
  local all = call('HGETALL', key.nodes)
  for i = 1, #all, 2 do
    if all[i] ~= incarnation then others[all[i]] = parseNode(all[i + 1]) end
  end
  return others
end

-- The lowest one from 1; nil: there is none.
local function freeServer(taken)
  for id = 1, highestServer do
    if not taken[tostring(id)] then return tostring(id) end
  end
end

local function newNode(server, name, version, address)
  local joined = string.format('%.0f', call('HINCRBY', key.meta, 'join', 1))
  return { 'active', server, joined, nowText, nowText, nowText, '0', '0', name, version, address }
end

-- Answers `joined`, the server id and the namesakes; `taken` and by whom; or `full`.
function verbs.join()
  local incarnation, name, version, address, asked, ttl = take(), take(), take(), take(), take(), takeNumber()
  local known, others = findNode(incarnation), otherNodes(incarnation)
  local taken, namesakes = {}, {}
  for other, node in pairs(others) do
    taken[node[SERVER]] = other
    if node[NAME] == name then namesakes[#namesakes + 1] = other end
  end
  local server = known and known[SERVER] or asked ~= none and asked or freeServer(taken)
  if not server then return { 'full' } end
  if taken[server] then return { 'taken', taken[server] } end
  local node = known or newNode(server, name, version, address)
  hear(node, ttl)
  keepNode(incarnation, node)
  call('HDEL', key.gone, incarnation)
  return { 'joined', server, unpack(namesakes) }
end

-- Answers nothing for a node that is buried; else its mode, the digest of what it holds, and its messages above `ack`.
function verbs.renew()
  local incarnation, ttl, ack, busy, slots = take(), takeNumber(), takeNumber(), take(), take()
  local node = findNode(incarnation)
  if not node then return {} end
  hear(node, ttl)
  node[BUSY], node[SLOTS] = busy, slots
  keepNode(incarnation, node)
  local reply = { node[MODE], digestOf(heldBy(incarnation)) }
  local handled = 0
  for _, message in ipairs(call('LRANGE', key.inbox .. incarnation, 0, -1)) do
    if tonumber(string.match(message, '^%d+')) <= ack then handled = handled + 1 else reply[#reply + 1] = message end
  end
  if handled > 0 then call('LTRIM', key.inbox .. incarnation, handled, -1) end
  return reply
end

-- Sets the mode of the nodes with this name or incarnation; answers which they are.
function verbs.steer()
  local asked, mode = take(), take()
  local steered = {}
  for incarnation, node in pairs(otherNodes('')) do
    if incarnation == asked or node[NAME] == asked then
      node[MODE] = mode
      keepNode(incarnation, node)
      inboxes[incarnation] = true
      steered[#steered + 1] = incarnation
    end
  end
  -- What a node leaves alone, another may take; and a node that goes on may take what has waited for it.
  if #steered > 0 then readyLines[''] = true end
  return steered
end

-- Answers what the node holds in vain, as numbers of its list, and then what is handed back, as `id fence`.
function verbs.reconcile()
  local incarnation, held, pending = take(), takeList(), {}
  for _, operation in ipairs(takeList()) do pending[operation] = true end
  local movesOf = takeReleaseMoves()
  local ours, theirs = {}, {}
  local attempts = heldBy(incarnation)
  for _, attempt in ipairs(attempts) do ours[attempt.id .. ' ' .. attempt.fence] = true end
  local abort, unknown, released = {}, {}, {}
  for i, ref in ipairs(held) do
    theirs[ref] = true
    if not ours[ref] then abort[#abort + 1] = i end
  end
  for _, attempt in ipairs(attempts) do
    local ref = attempt.id .. ' ' .. attempt.fence
    if not theirs[ref] and not pending[attempt.operation] then
      unknown[#unknown + 1] = attempt
      released[#released + 1] = ref
    end
  end
  takeBack(idsOf(unknown), movesOf)
  return { abort, released }
end

-- Of the nodes that are gone so many are remembered, those heard of last.
local function remember(incarnation, node, how, most)
  call('HSET', key.gone, incarnation, how .. ' ' .. table.concat(node, ' '))
  local all = call('HGETALL', key.gone)
  if #all <= 2 * most then return end
  local gone = {}
  for i = 1, #all, 2 do gone[#gone + 1] = { all[i], tonumber(string.match(all[i + 1], string.rep('%S+ ', HEARD) .. '(%d+)')) } end
  table.sort(gone, function(a, b) return a[2] > b[2] end)
  for i = most + 1, #gone do call('HDEL', key.gone, gone[i][1]) end
end

local function endNode(incarnation, node, how, most)
  call('HDEL', key.nodes, incarnation)
  call('DEL', key.inbox .. incarnation)
  remember(incarnation, node, how, most)
end

function verbs.leave()
  local incarnation, most, movesOf = take(), takeNumber(), takeReleaseMoves()
  local node = findNode(incarnation)
  if not node then return 0 end
  node[HEARD] = nowText
  endNode(incarnation, node, 'left', most)
  return takeBack(idsOf(heldBy(incarnation)), movesOf)
end

-- Answers how many attempts were taken back, -1 when nobody knows the node.
function verbs.forget()
  local incarnation, movesOf = take(), takeLoseMoves()
  local known = call('HDEL', key.nodes, incarnation) + call('HDEL', key.gone, incarnation)
  call('DEL', key.inbox .. incarnation)
  if known == 0 then return -1 end
  return takeBack(idsOf(heldBy(incarnation)), movesOf)
end

-- The clock has stepped back since these were heard of: their leases end no later than if they were renewed now.
local function shortenLeases(nodes, ttl)
  for incarnation, node in pairs(nodes) do
    if tonumber(node[HEARD]) > now and tonumber(node[LEASE]) > now + ttl then
      node[LEASE] = millisText(now + ttl)
      keepNode(incarnation, node)
    end
  end
end

-- Whether somebody may be buried now: only if this was asked for without a gap for a whole ttl.
local function isWatched(ttl, gap)
  local since, last = string.match(call('HGET', key.meta, 'watch') or '', '^(%d+) (%d+)$')
  since, last = tonumber(since), tonumber(last)
  if not since or now - last > gap or now < last then since = now end
  call('HSET', key.meta, 'watch', string.format('%.0f %.0f', since, now))
  return now - since >= ttl
end

local overduePerStep = 1000

-- Answers how many attempts were taken back, and who was buried.
function verbs.bury()
  local ttl, gap, most, movesOf = takeNumber(), takeNumber(), takeNumber(), takeLoseMoves()
  local reply, lost, nodes = { 0 }, {}, otherNodes('')
  shortenLeases(nodes, ttl)
  if isWatched(ttl, gap) then
    for incarnation, node in pairs(nodes) do
      if tonumber(node[LEASE]) <= now then
        endNode(incarnation, node, 'buried', most)
        reply[#reply + 1] = incarnation
        for _, attempt in ipairs(heldBy(incarnation)) do lost[#lost + 1] = attempt.id end
      end
    end
  end
  reply[1] = takeBack(lost, movesOf) + takeBack(overdue(overduePerStep), movesOf)
  return reply
end
