-- Who sends a batch: the server id for new jobs, and the node.
-- gives: server, sender
server, sender = ARGV[2], ARGV[3]
