-- Answers the format of what is kept, the name by which it is known again, and what a field of `meta` says; where nothing is
-- kept yet, the first two become the given ones.
-- needs: carefully from frame/careful only: careful
local format, name, field = ARGV[1], ARGV[2], ARGV[3]
local call = redis.call -- luacheck: ignore 311
-- only: careful
call = carefully
-- always
call('HSETNX', key.meta, 'format', format)
local found = call('HGET', key.meta, 'format')
if found == format then call('HSETNX', key.meta, 'name', name) end
return { found, call('HGET', key.meta, 'name') or '', call('HGET', key.meta, field) or '' }
