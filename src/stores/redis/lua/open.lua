-- Answers the format of what is kept, and the name by which it is known again; where nothing is kept yet, both become the
-- given ones.
local call, format, name = redis.call, ARGV[1], ARGV[2]
call('HSETNX', key.meta, 'format', format)
local found = call('HGET', key.meta, 'format')
if found == format then call('HSETNX', key.meta, 'name', name) end
return { found, call('HGET', key.meta, 'name') or '' }
