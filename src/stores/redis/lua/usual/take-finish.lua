local kind
endedId, fence = sub(ARGV[4], 1, 19), sub(ARGV[4], 20)
verb, to, reason, kind = match(ARGV[at], '^finish 23 end (%S+) (%d) (%S+) (%S+)$')
if kind ~= 'none' and kind ~= 'one' then return nil end
result = kind == 'one' and ARGV[at + 1]
at = at + (result and 2 or 1)
