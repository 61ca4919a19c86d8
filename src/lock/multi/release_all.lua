-- Gives back every one of several locks that is still held, or leaves their queues; each goes to
-- its first live waiter.
--
-- KEYS for each lock: 1 lock  2 queue  3 fence counter  4 side key
-- ARGV 1 owner id  2 member to take out of the queues ("" = none)  3 provisional lease ms, then for
--      each lock: highest fence the caller knows, "1" = raise
-- Reply {how many were released now, 1 = not done yet: many waiters were dead; repeat}
-- @include names.lua
-- @include ../fence.lua
-- @include ../grant.lua

-- Gives the lock that at() chose to its next waiter, or sets it free. False: not done yet.
local function hand_on(floor, raise, provisional)
    if redis.call('EXISTS', KEYS[2]) == 1 then
        local outcome = grant_next(floor, raise, provisional, '')
        if outcome == 'granted' then return true end
        if outcome == 'more' then return false end
    end
    redis.call('DEL', KEYS[1], KEYS[4])
    return true
end

local released, unfinished = 0, 0
for i = 1, names do
    at(i)
    if ARGV[2] ~= '' then redis.pcall('ZREM', KEYS[2], ARGV[2]) end
    if redis.pcall('GET', KEYS[1]) == ARGV[1] then
        if hand_on(tonumber(ARGV[2 + 2 * i]), ARGV[3 + 2 * i], tonumber(ARGV[3])) then
            released = released + 1
        else
            unfinished = 1
        end
    end
end
return {released, unfinished}
