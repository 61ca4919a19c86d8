-- Tells those who wait for a latch that it is open.
--
-- Included by scripts whose KEYS are 1 latch  2 queue of "<attempt>|<who>|<process channel>" by
-- arrival; uses no ARGV and makes no reply of its own. Whoever is woken asks, which wakes the next
-- ones: no script pushes to more than a bounded number.
local pushes = 256

local function wake_some()
    local woken = redis.call('ZPOPMIN', KEYS[2], pushes)
    for i = 1, #woken, 2 do
        local id, channel = string.match(woken[i], '^(%x+)|[^|]*|(.*)$')
        redis.pcall('PUBLISH', channel, 'lock g ' .. id .. ' 0 ' .. KEYS[1])
    end
end
