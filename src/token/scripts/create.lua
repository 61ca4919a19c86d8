-- Begins a session: the first token of a login.
-- KEYS: 1 session hash, 2 user hash, 3 feed, 4 log, 5 state, 6 expiry, 7 the user's sessions
--       (zset by expiry)
-- ARGV: 1 fleet channel, 2 partition, 3 session id, 4 ttl in s, 5 longest session in s (0: no end),
--       6 kid, 7 claims of the guard as the inside of a JSON object, 8 most sessions of the user
--       (0: no limit), 9 "guard user"
-- Reply: {1, now ms, iat s, exp s, ue, kid, claims, [sids too many, soonest to expire first]}
-- Repeating it with the same session id answers the same. The caller revokes those too many.
-- @include events.lua
local had = redis.call('HMGET', KEYS[1], 'gen', 'auth', 'exp', 'ue', 'kid', 'claims')
if had[1] then return {1, number(now), had[2], had[3], had[4], had[5], had[6], {}} end
ensure_feed()
local ue = redis.call('HGET', KEYS[2], 'ue') or '0'
local exp = now_s + tonumber(ARGV[4])
if ARGV[5] ~= '0' then exp = math.min(exp, now_s + tonumber(ARGV[5])) end
local gone = (exp + 60) * 1000
redis.call('HSET', KEYS[1], 'gen', 1, 'mat', number(now), 'auth', number(now_s),
    'exp', number(exp), 'ue', ue, 'kid', ARGV[6], 'claims', ARGV[7], 'rev', 0)
redis.call('PEXPIREAT', KEYS[1], number(gone))
redis.call('ZREMRANGEBYSCORE', KEYS[7], '-inf', number(now_s))
redis.call('ZADD', KEYS[7], number(exp), ARGV[3])
if redis.call('PTTL', KEYS[7]) < gone - now then redis.call('PEXPIREAT', KEYS[7], number(gone)) end
if ue ~= '0' then keep_user(ARGV[9], ue, gone, (gone - now) / 2) end
local surplus = {}
local most = tonumber(ARGV[8])
if most > 0 then
    local excess = redis.call('ZCARD', KEYS[7]) - most
    for _, sid in ipairs(redis.call('ZRANGE', KEYS[7], 0, -1)) do
        if #surplus < excess and sid ~= ARGV[3] then surplus[#surplus + 1] = sid end
    end
end
return {1, number(now), number(now_s), number(exp), ue, ARGV[6], ARGV[7], surplus}
