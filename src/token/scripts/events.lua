-- Part of the scripts that change sessions or users: one numbered event per change, for replicas.
-- KEYS: 3 feed (hash: seq, born, since, vouch), 4 log (list of entries), 5 state (hash: entity ->
--       its last text), 6 expiry (zset: entity by the ms after which nobody needs it)
-- ARGV: 1 fleet channel, 2 partition
-- Reply: that of the including script
-- An entry is "<seq> <ms> <text>". The feed's first number is the server's microseconds, so numbers
-- keep rising after a loss of all data, and `born` then differs, which is how a replica notices.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local now_s = math.floor(now / 1000)
local function number(n) return string.format('%.0f', n) end

local function ensure_feed()
    if redis.call('HEXISTS', KEYS[3], 'seq') == 0 then
        redis.call('HSET', KEYS[3], 'seq', number(time[1] * 1000000 + time[2]), 'born', number(now))
    end
end

local told = false  -- in this script: one push brings all that it records
local function record(entity, text, drop_at)
    ensure_feed()
    local seq = number(redis.call('HINCRBY', KEYS[3], 'seq', 1))
    redis.call('RPUSH', KEYS[4], seq .. ' ' .. number(now) .. ' ' .. text)
    redis.call('LTRIM', KEYS[4], -10000, -1)
    redis.call('HSET', KEYS[5], entity, text)
    redis.call('ZADD', KEYS[6], number(drop_at), entity)
    local over = redis.call('ZRANGEBYSCORE', KEYS[6], '-inf', number(now), 'LIMIT', 0, 20)
    for _, old in ipairs(over) do
        redis.call('ZREM', KEYS[6], old)
        redis.call('HDEL', KEYS[5], old)
    end
    if not told then redis.pcall('PUBLISH', ARGV[1], 'token ' .. ARGV[2]) end
    told = true
    return seq
end

-- Tells what a replica must know of the session: generation, minted, confirmed, revoked, when
-- nobody needs it.
local function record_session(entity, key)
    local s = redis.call('HMGET', key, 'gen', 'mat', 'cat', 'rev', 'exp')
    local drop_at = math.max((tonumber(s[5] or '0') + 60) * 1000, now + redis.call('PTTL', key))
    local text = table.concat({'s', entity, s[1] or '0', s[2] or '0', s[3] or '0', s[4] or '0',
        number(drop_at)}, ' ')
    return record('s ' .. entity, text, drop_at)
end

local function user_told_until(user)
    return tonumber(redis.call('ZSCORE', KEYS[6], 'u ' .. user) or '0')
end

-- Here and in replicas the user's epoch has one life, and it never gets shorter. Here it is an hour
-- longer: a replica is behind this clock by the way of a reply, or by a step of it forward and back
-- that it did not see, and must not know of an epoch what a login does not any more.
local behind_at_most_ms = 3600000
local function tell_epoch(user, ue, until_ms)
    local gone = math.max(until_ms, user_told_until(user))
    redis.call('PEXPIREAT', KEYS[2], number(gone + behind_at_most_ms))
    return record('u ' .. user, 'u ' .. user .. ' ' .. ue .. ' ' .. number(gone), gone)
end

-- The epoch stays as long as any token that carries it: `until_ms` is the latest of their deaths.
-- Without `slack_ms` on top, every login and renewal would be one more entry of the log.
local function keep_user(user, ue, until_ms, slack_ms)
    if user_told_until(user) < until_ms then tell_epoch(user, ue, until_ms + slack_ms) end
end
