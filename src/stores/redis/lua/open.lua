-- Answers the format of what is kept; where nothing is kept yet, it becomes the given one.
redis.call('HSETNX', key.meta, 'format', ARGV[1])
return redis.call('HGET', key.meta, 'format')
