-- Gives back every one of several locks that is still held, or leaves their queues; each goes to
-- its first live waiter. An attempt that goes on under the same id gives up what it knew when it
-- asked: a late copy of that question must not take what it was granted since.
--
-- KEYS for each lock: 1 lock  2 queue  3 fence counter  4 side key
-- ARGV 1 owner id  2 member to take out of the queues ("" = none)  3 provisional lease ms  4 only
--      places with this ticket ("" = with any), then for each lock: highest fence the caller knows,
--      "1" = raise, only if held under this fence ("" = under any)
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

local function leave_queue()
    if ARGV[2] == '' then return end
    local ticket = ARGV[4] ~= '' and redis.pcall('ZSCORE', KEYS[2], ARGV[2])
    if ARGV[4] == '' or ticket == ARGV[4] then redis.pcall('ZREM', KEYS[2], ARGV[2]) end
end

local function gives_back(fence)
    if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return false end
    return fence == '' or (side_of(ARGV[1]) or 0) == tonumber(fence)
end

local released, unfinished = 0, 0
for i = 1, names do
    at(i)
    leave_queue()
    if gives_back(ARGV[4 + 3 * i]) then
        if hand_on(tonumber(ARGV[2 + 3 * i]), ARGV[3 + 3 * i], tonumber(ARGV[3])) then
            released = released + 1
        else
            unfinished = 1
        end
    end
end
return {released, unfinished}
