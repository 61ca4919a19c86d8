-- Ends a session: every generation of it, grace or not. Its tombstone outlives its tokens.
-- KEYS: 1 session hash, 2 user hash, 3 feed, 4 log, 5 state, 6 expiry, 7 the user's sessions
-- ARGV: 1 fleet channel, 2 partition, 3 entity "guard user sid", 4 longest life of a token in ms,
--       5 session id
-- Reply: {1, now ms, feed number by which every replica knows it, born of the feed}
-- Repeating it changes nothing. A session the store does not know gets a tombstone all the same.
-- @include events.lua
ensure_feed()
redis.call('ZREM', KEYS[7], ARGV[5])
local gone = now + tonumber(ARGV[4]) + 60000
if redis.call('HGET', KEYS[1], 'rev') == '1' then
    local f = redis.call('HMGET', KEYS[3], 'seq', 'born')
    return {1, number(now), f[1], f[2]}
end
redis.call('HSET', KEYS[1], 'rev', 1)
if redis.call('PTTL', KEYS[1]) < gone - now then redis.call('PEXPIREAT', KEYS[1], number(gone)) end
local seq = record_session(ARGV[3], KEYS[1])
return {1, number(now), seq, redis.call('HGET', KEYS[3], 'born')}
