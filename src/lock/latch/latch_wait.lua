-- Finds a latch open, or waits for it. Repeating it is the waiter's heartbeat.
--
-- KEYS 1 latch  2 queue
-- ARGV 1 member "<attempt>|<who>|<process channel>"  2 "1" = wait
-- Reply {1, 0, ""}   open
--       {0, left, -1, 0, "", ""}   not open yet
--       {-1} the key holds something else   {-2} there is no latch
-- @include open_latch.lua
local queue_kept_ms = 60000
local left = counts_left()
if left < 0 then return {left} end
if left == 0 then
    redis.call('ZREM', KEYS[2], ARGV[1])
    wake_some()
    return {1, 0, ''}
end
if ARGV[2] == '1' then
    local time = redis.call('TIME')
    redis.call('ZADD', KEYS[2], 'NX', time[1] .. string.format('%06d', tonumber(time[2])), ARGV[1])
    redis.call('PEXPIRE', KEYS[2], queue_kept_ms)
end
return {0, left, -1, 0, '', ''}
