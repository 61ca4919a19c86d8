-- The holder of the lock says who leads, and everybody who watches is told.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key  5 leader  6 observers
-- ARGV 1 owner id  2 fence  3 value
-- Reply 1 proclaimed   0 it does not hold the lock (any more)
-- @include announce.lua
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[5], 'owner', ARGV[1], 'fence', ARGV[2], 'value', ARGV[3])
redis.call('PEXPIRE', KEYS[5], '86400000')  -- it counts while the owner holds the lock
announce(server_ms())
return 1
