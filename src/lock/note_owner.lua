-- Writes into a lock's history who got it, or how that one's time ended. Never part of taking or
-- giving back the lock: it goes out beside, when its owner asked for a history.
--
-- KEYS 1 history
-- ARGV 1 fence  2 owner id  3 who  4 how it ended ("" = it begins)
-- Reply 1 written   0 it was there already
local kept, kept_ms = 32, 604800000
local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2]))
local since, ended = now, ''
local before = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[1])
for _, entry in ipairs(before) do
    local owner, at, over = string.match(entry, '^(%x+)|(%d+)|(%d*)|')
    if owner == ARGV[2] then
        if ARGV[4] == '' or over ~= '' then return 0 end
        since = at
        redis.call('ZREM', KEYS[1], entry)
    end
end
if ARGV[4] ~= '' then ended = now end
redis.call('ZADD', KEYS[1], ARGV[1],
    ARGV[2] .. '|' .. since .. '|' .. ended .. '|' .. ARGV[4] .. '|' .. ARGV[3])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -kept - 1)
redis.call('PEXPIRE', KEYS[1], kept_ms)
return 1
