-- What a latch still wants, and telling those who wait for it that it is open.
--
-- Included by scripts whose KEYS are 1 latch  2 queue of "<attempt>|<who>|<process channel>" by
-- arrival; uses no ARGV and makes no reply of its own. Whoever is woken asks, which wakes the next
-- ones: no script pushes to more than a bounded number.
local pushes = 256

-- How many counts the latch still wants; -1: the key holds something else, -2: there is no latch.
-- Looking is using: it is kept for as long again.
local function counts_left()
    local kind = redis.pcall('HGET', KEYS[1], 'kind')
    if not kind and redis.call('EXISTS', KEYS[1]) == 0 then return -2 end
    if kind ~= 'latch' then return -1 end
    redis.call('PEXPIRE', KEYS[1], redis.call('HGET', KEYS[1], 'kept'))
    return tonumber(redis.call('HGET', KEYS[1], 'left'))
end

local function wake_some()
    local woken = redis.call('ZPOPMIN', KEYS[2], pushes)
    for i = 1, #woken, 2 do
        local id, channel = string.match(woken[i], '^(%x+)|[^|]*|(.*)$')
        redis.pcall('PUBLISH', channel, 'lock g ' .. id .. ' 0 ' .. KEYS[1])
    end
end
