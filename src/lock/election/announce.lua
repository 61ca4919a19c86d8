-- Telling those who watch an election that something changed.
--
-- Included by scripts whose KEYS are 1 lock  5 what the leader said: a hash  6 observers: process
-- channels by the server ms until which they want to be told; uses no ARGV and makes no reply of
-- its own. Observers ask when they hear it; the push carries nothing to rely on.
local observers_told = 1000

local function announce(now_ms)
    redis.call('ZREMRANGEBYSCORE', KEYS[6], '-inf', string.format('%.0f', now_ms))
    for _, channel in ipairs(redis.call('ZRANGE', KEYS[6], 0, observers_told - 1)) do
        local heard = redis.pcall('PUBLISH', channel, 'lock e - 0 ' .. KEYS[1])
        if heard == 0 then redis.call('ZREM', KEYS[6], channel) end
    end
end

local function server_ms()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
