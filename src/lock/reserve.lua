-- Reserves the next fences for turns inside the holder's process, and says who else waits. Whoever
-- is first in line is told how long those turns take at most, and asks again then.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key
-- ARGV 1 owner id  2 how many fences  3 the highest fence the caller knows  4 "1" = raise the fence
--      5 how many ms the turns take at most ("" = nobody is told: the lock is handed on if somebody
--      waits)
-- Reply {first fence, length of the queue}   fences first … first + how many - 1 are the caller's
--       {0, 0}   the caller does not hold the lock
-- A repeat reserves other fences; those of the lost reply are never used.
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return {0, 0} end
local fence_kept_ms = 86400000
local count, floor = tonumber(ARGV[2]), tonumber(ARGV[3])
local last = redis.call('INCRBY', KEYS[3], count)
if ARGV[4] == '1' or last - count < floor then
    -- The counter was lost or rolled back, or may have been.
    local time = redis.call('TIME')
    last = math.max(last, floor, tonumber(time[1]) * 1000000 + tonumber(time[2])) + count
    redis.call('SET', KEYS[3], string.format('%.0f', last), 'PX', fence_kept_ms)
elseif last % 64 < count then
    redis.call('PEXPIRE', KEYS[3], fence_kept_ms)
end
local waiting = redis.call('ZCARD', KEYS[2])
if waiting > 0 and ARGV[5] ~= '' then
    local head = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
    local id, channel = string.match(head, '^(%x+)|[^|]*|[^|]*|(.*)$')
    redis.pcall('PUBLISH', channel, 'lock h ' .. id .. ' ' .. ARGV[5] .. ' ' .. KEYS[1])
end
return {last - count + 1, waiting}
