-- Answers the format of what is kept, the name by which it is known again, and what a field of `meta` says; where nothing is
-- kept yet, the first two become the given ones.
local call, format, name, field = redis.call, ARGV[1], ARGV[2], ARGV[3]
call('HSETNX', key.meta, 'format', format)
local found = call('HGET', key.meta, 'format')
if found == format then call('HSETNX', key.meta, 'name', name) end
return { found, call('HGET', key.meta, 'name') or '', call('HGET', key.meta, field) or '' }
