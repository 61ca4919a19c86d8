-- Shows who holds the lock and who waits. Changes nothing.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key
-- ARGV 1 how many waiters to list
-- Reply {1, holder, ttl ms, side key's text, its ttl ms, fence counter, queue length, server us,
--        {member, ticket, member, ticket …}}; absent texts are ""
--       {-1} the key holds something that is not a string
local holder = redis.pcall('GET', KEYS[1])
if type(holder) == 'table' then return {-1} end
local time = redis.call('TIME')
return {
    1, holder or '', redis.call('PTTL', KEYS[1]),
    redis.call('GET', KEYS[4]) or '', redis.call('PTTL', KEYS[4]),
    redis.call('GET', KEYS[3]) or '', redis.call('ZCARD', KEYS[2]),
    string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2])),
    redis.call('ZRANGE', KEYS[2], 0, tonumber(ARGV[1]) - 1, 'WITHSCORES'),
}
