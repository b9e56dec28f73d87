pushLane, pushLine, pushWords = match(ARGV[at], '^push now 0 ((%S+)/0) (%S+ %S+)$')
if not pushLane then return nil end
body = ARGV[at + 1]
at = at + 2
