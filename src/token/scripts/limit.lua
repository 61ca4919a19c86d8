-- Counts failed logins of one account or address (the generic cell rate algorithm).
-- KEYS: 1 bucket (string: the ms at which it is empty again)
-- ARGV: 1 attempts that may fail in a row, 2 ms that give one back, 3 cost (0: only look)
-- Reply: {1 if an attempt is allowed, ms until the next one}
-- Repeating it with a cost counts once more, which errs on the safe side.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local most, gap, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
if cost > 0 then
    full_at = math.min(full_at + gap * cost, now + gap * most)
    redis.call('SET', KEYS[1], string.format('%.0f', full_at),
        'PX', string.format('%.0f', full_at - now))
end
local wait = math.max(0, full_at + gap - gap * most - now)
return {wait == 0 and 1 or 0, wait}
