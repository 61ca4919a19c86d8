-- Sets a latch up, unless there is one.
--
-- KEYS 1 latch: a hash
-- ARGV 1 count  2 how long it is kept after its last use, in ms
-- Reply 1 created   0 there is one already   -1 the key holds something else
local kind = redis.pcall('HGET', KEYS[1], 'kind')
if type(kind) == 'table' then return -1 end
if kind then return kind == 'latch' and 0 or -1 end
if redis.call('EXISTS', KEYS[1]) == 1 then return -1 end
redis.call('HSET', KEYS[1], 'kind', 'latch', 'left', ARGV[1], 'count', ARGV[1], 'kept', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
