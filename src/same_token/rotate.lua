-- Makes the announced token current when it is due, then announces the next one, unless the last
-- rotation is too recent. Any number of callers may run it at any time: one of them changes
-- something, all get the same answer.
--
-- KEYS 1 current  2 past  3 meta hash (the first two are Sa-Token's own names)
-- ARGV 1 a fresh token, or '' to only finish what is announced
--      2 ttl of current ms  3 overlap ms: life of past  4 least ms between announcements
--      5 ms from announcing to using  6 channel to publish on
-- Reply as state.lua says; what = 'first', 'announced', 'swapped' or 'same'.
-- @include state.lua
local fresh, ttl, overlap = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local interval, delay = tonumber(ARGV[4]), tonumber(ARGV[5])
local now = store_ms()
local current = redis.call('GET', KEYS[1])
local meta = redis.call('HMGET', KEYS[3], 'at', 'next', 'due', 'swapped', 'last')
local at, next_token, due = tonumber(meta[1] or '0'), meta[2], tonumber(meta[3] or '0')
local swapped = tonumber(meta[4] or '0')
-- A clock that went back must not stop rotation for as long as it went back.
if at > now then at = 0 end
if swapped > now then
    swapped = now
    redis.call('HSET', KEYS[3], 'swapped', whole(now))
end
local what = 'same'

local function use(token, as)
    local before = current or meta[5]
    if before and before ~= token then redis.call('SET', KEYS[2], before, 'PX', overlap) end
    redis.call('SET', KEYS[1], token, 'PX', ttl)
    redis.call('HSET', KEYS[3], 'swapped', whole(now), 'last', token)
    redis.call('HDEL', KEYS[3], 'next', 'due')
    current, next_token, swapped, what = token, false, now, as
end

local function begin(as)
    redis.call('HINCRBY', KEYS[3], 'gen', 1)
    redis.call('HSET', KEYS[3], 'at', whole(now))
    what = as
end

if next_token and (now >= due or due - now > delay) then use(next_token, 'swapped') end

if fresh ~= '' and not next_token then
    if not current then
        begin('first')
        use(fresh, 'first')
    elseif now - at >= interval and now - swapped >= overlap then
        begin('announced')
        redis.call('HSET', KEYS[3], 'next', fresh, 'due', whole(now + delay))
    end
end

if what ~= 'same' then
    redis.call('PEXPIRE', KEYS[3], 2 * ttl)
    redis.pcall('PUBLISH', ARGV[6], 'same ' .. what)
end
return state(what, now)
