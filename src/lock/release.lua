-- Gives the lock up and hands it to its first live waiter; comparing and handing on
-- are one step.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key
-- ARGV 1 owner id  2 highest fence the caller knows  3 "1" = raise the fence
--      4 provisional lease ms  5 barging: leave the lock to whoever asks first as long as its first
--      waiter has waited for less than so many ms ("0" = always hand on)  6 (or none) the fence of
--      the grant that is meant: a late copy takes nothing that the owner was granted since
-- Reply 1 released   0 it was not the caller's (or this is a repeat)   2 not done yet: many waiters
--       were dead; repeat
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[6] and string.match(redis.call('GET', KEYS[4]) or '', '^%d+') ~= ARGV[6] then return 0 end
if redis.call('EXISTS', KEYS[2]) == 0 then
    redis.call('DEL', KEYS[1], KEYS[4])
    return 1
end

-- @include fence.lua
-- @include grant.lua
if may_barge(ARGV[5]) then
    redis.call('DEL', KEYS[1], KEYS[4])
    tell_next(0)
    return 1
end
local outcome = grant_next(tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), '')
if outcome == 'granted' then return 1 end
if outcome == 'more' then return 2 end
redis.call('DEL', KEYS[1], KEYS[4])
return 1
