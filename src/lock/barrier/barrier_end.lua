-- How a generation of a barrier ends.
--
-- Included by scripts whose KEYS are 1 barrier: a hash  2 who has arrived:
-- "<attempt>|<who>|<process channel>" by the end of its lease in server ms  3 outcomes: attempts by
-- twice the generation, plus one if it broke; uses no ARGV and makes no reply of its own.
-- Outcomes live as long as the barrier: a jump of the clock must not make anybody arrive twice.
local kept_ms = 86400000
local generations_kept = 8

local function server_ms()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- Everybody who has arrived learns the outcome, by push and by asking; the next generation begins.
local function end_generation(broken, self)
    local generation = tonumber(redis.call('HGET', KEYS[1], 'generation'))
    local outcome = 2 * generation + (broken and 1 or 0)
    for _, member in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
        local id, channel = string.match(member, '^(%x+)|[^|]*|(.*)$')
        redis.call('ZADD', KEYS[3], outcome, id)
        if id ~= self then
            redis.pcall('PUBLISH', channel, 'lock g ' .. id .. ' 0 ' .. KEYS[1])
        end
    end
    redis.call('DEL', KEYS[2])
    redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', 2 * (generation - generations_kept))
    redis.call('PEXPIRE', KEYS[3], kept_ms)
    redis.call('HSET', KEYS[1], 'generation', generation + 1)
end
