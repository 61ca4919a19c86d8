-- Judges a genuine token against its session; the first use of a successor confirms it.
-- KEYS: 1 session hash, 2 user hash, 3 feed, 4 log, 5 state, 6 expiry
-- ARGV: 1 fleet channel, 2 partition, 3 entity "guard user sid", 4 generation, 5 user epoch,
--       6 grace in ms, 7 retire (confirm | mint), 8 iat s, 9 exp s, 10 auth time s, 11 kid,
--       12 claims, 13 missing (recreate | deny)
-- Reply: {status, now ms, generation of the session
--         [, iat s, exp s, kid, claims, ue, auth s of its newest token]}
--   ok       the newest generation; the fourth item is 1 when it may be renewed, 0 while its
--            predecessor lives
--   grace    its predecessor, which may still be used; the newest token's identity follows
--   revoked  the session or every session of the user was ended
--   reuse    a generation whose time is over
--   missing  the store does not know the session, and nobody vouches for it
-- A token is proof of what its issuer stored: one of a newer generation than the store knows heals
-- the session forward (a failover lost the write). A session that is missing altogether is made
-- again only if it began after `since` and before `vouch`: of those a surviving node has recorded
-- again which are over (pull.lua). Instants of tokens are whole seconds.
-- @include events.lua
local s = redis.call('HMGET', KEYS[1], 'gen', 'mat', 'cat', 'rev', 'exp', 'kid', 'claims', 'ue',
    'auth', 'pexp')
local g, grace = tonumber(ARGV[4]), tonumber(ARGV[6])
if s[4] == '1' then return {'revoked', number(now), s[1] or '0'} end
local ue = redis.call('HGET', KEYS[2], 'ue') or '0'
if tonumber(ARGV[5]) < tonumber(ue) then return {'revoked', number(now), s[1] or '0'} end

local function keep_session(exp)
    redis.call('PEXPIREAT', KEYS[1], number((exp + 60) * 1000))
end

-- The session as the token proves it.
local function write_from_token()
    local exp = math.max(tonumber(ARGV[9]), tonumber(s[5] or '0'))
    redis.call('HSET', KEYS[1], 'gen', ARGV[4], 'mat', number(tonumber(ARGV[8]) * 1000),
        'cat', number(now), 'auth', ARGV[10], 'exp', number(exp), 'ue', ARGV[5],
        'kid', ARGV[11], 'claims', ARGV[12], 'rev', 0)
    redis.call('HDEL', KEYS[1], 'pexp')
    keep_session(exp)
    local user, gone = ARGV[3]:match('^%S+ %S+'), (exp + 60) * 1000
    if tonumber(ARGV[5]) > tonumber(ue) then
        redis.call('HSET', KEYS[2], 'ue', ARGV[5])
        tell_epoch(user, ARGV[5], gone)
    elseif ue ~= '0' then keep_user(user, ue, gone, (gone - now) / 2) end
    record_session(ARGV[3], KEYS[1])
    return {'ok', number(now), ARGV[4], 1}
end

if not s[1] then
    local f = redis.call('HMGET', KEYS[3], 'vouch', 'since')
    local began = tonumber(ARGV[10])
    if ARGV[13] == 'recreate' and f[1] and began * 1000 <= tonumber(f[1]) and
        began >= math.floor(tonumber(f[2]) / 1000) then
        return write_from_token()
    end
    return {'missing', number(now), '0'}
end
local gen = tonumber(s[1])
if g > gen then return write_from_token() end
if g == gen then
    local alone = gen == 1 or (s[10] and tonumber(s[10]) <= now_s)
    if ARGV[7] == 'mint' then alone = alone or now >= tonumber(s[2]) + grace
    else alone = alone or (s[3] and now >= tonumber(s[3]) + grace) end
    if gen > 1 and not s[3] then
        redis.call('HSET', KEYS[1], 'cat', number(now))
        record_session(ARGV[3], KEYS[1])
    end
    return {'ok', number(now), s[1], alone and 1 or 0}
end
if g == gen - 1 then
    local live
    if ARGV[7] == 'mint' then live = now < tonumber(s[2]) + grace
    else live = not s[3] or now < tonumber(s[3]) + grace end
    if live then
        local minted_s = number(math.floor(tonumber(s[2]) / 1000))
        return {'grace', number(now), s[1], minted_s, s[5], s[6], s[7], s[8], s[9]}
    end
end
return {'reuse', number(now), s[1]}
