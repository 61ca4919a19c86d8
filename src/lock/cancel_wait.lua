-- Leaves the queue; if the lock was granted at this very instant, hands it on.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key
-- ARGV 1 owner id  2 member  3 highest fence the caller knows  4 "1" = raise the fence
--      5 provisional lease ms
-- Reply 0 neither waited nor held (or this is a repeat)   1 left the queue   2 had been granted,
--       handed on   3 not done yet: many waiters were dead; repeat
-- @include fence.lua
-- @include grant.lua
local left = redis.call('ZREM', KEYS[2], ARGV[2])
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return left end
if redis.call('EXISTS', KEYS[2]) == 1 then
    local outcome = grant_next(tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), '')
    if outcome == 'granted' then return 2 end
    if outcome == 'more' then return 3 end
end
redis.call('DEL', KEYS[1], KEYS[4])
return 2
