-- A node's record: one text of words (node.ts).
--
--   mode server joined started heard lease running slots name version address health
--
-- needs: millisText from format/millis
-- needs: call, now, nowText from frame/time
-- gives: ACTIVE, parseNode, findNode, liveNodes, keepNode, hear, goneText, heardIn
-- A node that may begin attempts: it is there, and not draining.
ACTIVE = '^active '

local pattern = '^(%l+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%S+) (%S+) (%S+) ?(%S*)$'
-- Digits of the longest number of any of these.
local longest = 16

-- nil: the text makes none.
function parseNode(text)
  local mode, server, joined, started, heard, lease, running, slots, name, version, address, health = string.match(text, pattern)
  if not mode or math.max(#server, #joined, #started, #heard, #lease, #running, #slots) > longest then return nil end
  return {
    mode = mode, server = server, joined = joined, started = started, heard = heard, lease = lease, running = running,
    slots = slots, name = name, version = version, address = address, health = health,
  }
end

local function formatNode(n)
  return n.mode .. ' ' .. n.server .. ' ' .. n.joined .. ' ' .. n.started .. ' ' .. n.heard .. ' ' .. n.lease .. ' ' .. n.running
    .. ' ' .. n.slots .. ' ' .. n.name .. ' ' .. n.version .. ' ' .. n.address .. ' ' .. n.health
end

-- nil: it is gone, or was never there; or nobody can read it, which is as much.
function findNode(incarnation)
  local text = call('HGET', key.nodes, incarnation)
  return text and parseNode(text) or nil
end

-- By incarnation, those that can be read.
function liveNodes()
  local nodes = {}
  local all = call('HGETALL', key.nodes)
  for i = 1, #all, 2 do nodes[all[i]] = parseNode(all[i + 1]) end
  return nodes
end

function keepNode(incarnation, node)
  call('HSET', key.nodes, incarnation, formatNode(node))
end

-- It was heard of now, and has a lease from now on.
function hear(node, ttl)
  node.heard, node.lease = nowText, millisText(now + ttl)
end

-- What is kept of a node that has `left` or was `buried`.
function goneText(node, how)
  return how .. ' ' .. formatNode(node)
end

-- When a node that is gone was heard of last.
function heardIn(text)
  local node = parseNode(string.match(text, '^%S+ (.+)$') or '')
  return node and tonumber(node.heard) or 0
end
