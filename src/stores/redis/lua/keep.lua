-- Renews the lease of a node that lives, and nothing else: its messages and its load are for the node itself.
-- Answers 0 for one that is gone.
local incarnation, ttl = take(), takeNumber()
local node = findNode(incarnation)
if not node then return 0 end
hear(node, ttl)
keepNode(incarnation, node)
return 1
