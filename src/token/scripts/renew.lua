-- Renews a session: mints the successor of generation g once, tells everybody else who it is.
-- KEYS: 1 session hash, 2 user hash, 3 feed, 4 log, 5 state, 6 expiry, 7 the user's sessions
-- ARGV: 1 fleet channel, 2 partition, 3 entity "guard user sid", 4 generation, 5 user epoch,
--       6 grace in ms, 7 retire (confirm | mint), 8 ttl in s, 9 longest session in s (0: no end),
--       10 kid, 11 claims, 12 session id
-- Reply: {status, now ms [, generation, iat s, exp s, kid, claims, ue, auth s]}
--   minted, same  the successor's identity: its claims and the key every node signs them with
--   young         the predecessor of g may still be used: at most two generations live
--   over          the longest session leaves nothing to gain
--   revoked, reuse, missing  as in check.lua
-- Repeating it answers `same`. No bearer token is ever stored.
-- @include events.lua
local s = redis.call('HMGET', KEYS[1], 'gen', 'mat', 'cat', 'rev', 'exp', 'kid', 'claims', 'ue',
    'auth', 'pexp')
local g, grace = tonumber(ARGV[4]), tonumber(ARGV[6])
if s[4] == '1' then return {'revoked', number(now)} end
local ue = redis.call('HGET', KEYS[2], 'ue') or '0'
if tonumber(ARGV[5]) < tonumber(ue) then return {'revoked', number(now)} end
if not s[1] then return {'missing', number(now)} end
local gen, minted, confirmed = tonumber(s[1]), tonumber(s[2]), tonumber(s[3] or '0')
if g < gen then
    local live
    if ARGV[7] == 'mint' then live = now < minted + grace
    else live = confirmed == 0 or now < confirmed + grace end
    if g == gen - 1 and live then
        local minted_s = number(math.floor(minted / 1000))
        return {'same', number(now), s[1], minted_s, s[5], s[6], s[7], s[8], s[9]}
    end
    return {'reuse', number(now)}
end
if g == gen and gen > 1 then
    local dead = s[10] and tonumber(s[10]) <= now_s
    if ARGV[7] == 'mint' then dead = dead or now >= minted + grace
    else dead = dead or (confirmed > 0 and now >= confirmed + grace) end
    if not dead then
        if confirmed == 0 then
            redis.call('HSET', KEYS[1], 'cat', number(now))
            record_session(ARGV[3], KEYS[1])
        end
        return {'young', number(now)}
    end
end
local exp = now_s + tonumber(ARGV[8])
if ARGV[9] ~= '0' then exp = math.min(exp, tonumber(s[9]) + tonumber(ARGV[9])) end
local cut_short = exp < now_s + tonumber(ARGV[8])
if exp <= now_s or (cut_short and exp <= tonumber(s[5])) then return {'over', number(now)} end
local n = number(math.max(g, gen) + 1)
local gone = (math.max(exp, tonumber(s[5])) + 60) * 1000
redis.call('HSET', KEYS[1], 'gen', n, 'mat', number(now), 'exp', number(exp), 'pexp', s[5],
    'kid', ARGV[10], 'claims', ARGV[11])
redis.call('HDEL', KEYS[1], 'cat')
redis.call('PEXPIREAT', KEYS[1], number(gone))
redis.call('ZADD', KEYS[7], number(exp), ARGV[12])
if redis.call('PTTL', KEYS[7]) < gone - now then redis.call('PEXPIREAT', KEYS[7], number(gone)) end
if ue ~= '0' then keep_user(ARGV[3]:match('^%S+ %S+'), ue, gone, (gone - now) / 2) end
record_session(ARGV[3], KEYS[1])
return {'minted', number(now), n, number(now_s), number(exp), ARGV[10], ARGV[11], s[8], s[9]}
