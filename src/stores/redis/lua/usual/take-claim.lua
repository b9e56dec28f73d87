operation, holder, worker, slots = ARGV[at + 1], ARGV[at + 2], ARGV[at + 5], tonumber(ARGV[at + 6])
if ARGV[at + 3] ~= none or ARGV[at + 4] ~= '1' or ARGV[at + 7] ~= '-1' or slots == 0 then return nil end
