-- Gives the lock up and hands it to its first live waiter; comparing and handing on
-- are one step.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key
-- ARGV 1 owner id  2 highest fence the caller knows  3 "1" = raise the fence
--      4 provisional lease ms
-- Reply 1 released   0 it was not the caller's (or this is a repeat)   2 not done yet: many waiters
--       were dead; repeat
-- @include fence.lua
-- @include grant.lua
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then
    local fence = next_fence(KEYS[3], tonumber(ARGV[2]), ARGV[3])
    local outcome = grant_next(fence, tonumber(ARGV[4]), '')
    if outcome == 'granted' then return 1 end
    if outcome == 'more' then return 2 end
end
redis.call('DEL', KEYS[1], KEYS[4])
return 1
