-- What the lease thread calls: renews the lease of a node that lives, and nothing else, since its messages and its load are
-- for the node itself. Answers 0 for one that is gone.
-- needs: findNode, keepNode, hear from nodes/node
local incarnation, ttl = ARGV[2], ARGV[3]
local node = findNode(incarnation)
if not node then return 0 end
hear(node, ttl)
keepNode(incarnation, node)
return 1
