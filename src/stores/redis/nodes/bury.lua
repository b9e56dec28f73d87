-- nodes.bury: nodes whose lease has expired or that are named as dead, and attempts of other holders past their deadline.
-- needs: millisText from format/millis
-- needs: take, takeNumber, verbs from frame/tape
-- needs: call, now, nowText from frame/time
-- needs: flush from frame/writes
-- needs: applyAll from jobs/apply-all
-- needs: heldBy from jobs/holds
-- needs: takeLoseMoves from jobs/lost-moves
-- needs: endNode from nodes/end-node
-- needs: liveNodes, keepNode from nodes/node

-- The clock has stepped back since these were heard of: their leases end no later than if they were renewed now.
local function shortenLeases(nodes, ttl)
  for incarnation, node in pairs(nodes) do
    if tonumber(node.heard) > now and tonumber(node.lease) > now + ttl then
      node.lease = millisText(now + ttl)
      keepNode(incarnation, node)
    end
  end
end

-- Burials are asked for once more (core/node.ts burialsAsked, mayBury).
local function mayBury(ttl, gap)
  local since, last = string.match(call('HGET', key.meta, 'bury') or '', '^(%d+) (%d+)$')
  since, last = tonumber(since), tonumber(last)
  if not since or now - last > gap or now < last then since = now end
  call('HSET', key.meta, 'bury', string.format('%.0f %.0f', since, now))
  return now - since >= ttl
end

local overduePerStep = 1000

-- Attempts of holders that are no nodes.
local function overdue()
  flush()
  return call('ZRANGEBYSCORE', key.deadlines, '-inf', nowText, 'LIMIT', 0, overduePerStep)
end

-- Answers how many attempts were taken back, and who was buried.
verbs['nodes.bury'] = function(ttl)
  local gap, most, dead = takeNumber(), takeNumber(), {}
  for _ = 1, takeNumber() do dead[take()] = true end
  local movesOf = takeLoseMoves()
  local reply, lost, nodes = { 0 }, {}, liveNodes()
  ttl = tonumber(ttl)
  shortenLeases(nodes, ttl)
  local all = mayBury(ttl, gap)
  for incarnation, node in pairs(nodes) do
    if dead[incarnation] or (all and tonumber(node.lease) <= now) then
      endNode(incarnation, node, 'buried', most)
      reply[#reply + 1] = incarnation
      for _, attempt in ipairs(heldBy(incarnation)) do lost[#lost + 1] = attempt.id end
    end
  end
  reply[1] = applyAll(lost, movesOf) + applyAll(overdue(), movesOf)
  return reply
end
