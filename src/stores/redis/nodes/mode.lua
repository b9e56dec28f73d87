-- The mode of a node: the first word of its record (node.lua).
-- gives: ACTIVE

-- A node that may begin attempts: it is there, and not draining.
ACTIVE = '^active '
