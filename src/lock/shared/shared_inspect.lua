-- Shows who holds shares of a lock and who waits. Changes nothing.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 holders  5 capacity (of a semaphore only)
-- ARGV 1 how many holders and waiters to list
-- Reply {1, kind ("" = free), capacity (-1 = none), queue length, server us,
--        {owner id, lease's end in server ms, "<fence>|<upgrade>|<member>", …},
--        {member, ticket, …}}
--       {-1} the key holds something else   {-2} a string: a mutex, or a plain client's lock
local most = tonumber(ARGV[1]) - 1
local ends = redis.pcall('ZRANGE', KEYS[1], 0, most, 'WITHSCORES')
if ends.err then return {type(redis.pcall('GET', KEYS[1])) == 'string' and -2 or -1} end
local time = redis.call('TIME')
local holders = {}
for i = 1, #ends, 2 do
    holders[#holders + 1] = ends[i]
    holders[#holders + 1] = ends[i + 1]
    holders[#holders + 1] = redis.call('HGET', KEYS[4], ends[i]) or ''
end
return {
    1, redis.call('HGET', KEYS[4], 'kind') or '',
    KEYS[5] and tonumber(redis.call('GET', KEYS[5]) or -1) or -1,
    redis.call('ZCARD', KEYS[2]),
    string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2])),
    holders, redis.call('ZRANGE', KEYS[2], 0, most, 'WITHSCORES'),
}
