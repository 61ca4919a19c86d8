-- Gives one of several locks to its next waiter, or sets it free.
--
-- Included after names.lua and grant.lua; KEYS are those that at() chose, ARGV is not used, and it
-- makes no reply of its own. False: not done yet, many waiters were dead.
local function hand_on(floor, raise, provisional)
    if redis.call('EXISTS', KEYS[2]) == 1 then
        local outcome = grant_next(floor, raise, provisional, '')
        if outcome == 'granted' then return true end
        if outcome == 'more' then return false end
    end
    redis.call('DEL', KEYS[1], KEYS[4])
    return true
end
