-- Ends again what a replica remembers to be over and the store has lost: many sessions at once.
-- KEYS: 1 session hash, 2 its user's sessions, 3 feed, 4 log, 5 state, 6 expiry; then, for each
--       further session, its hash and its user's sessions
-- ARGV: 1 fleet channel, 2 partition; then for each session: 3 entity "guard user sid", 4 longest
--       life of a token in ms, 5 end of the lost tombstone by the server's ms
-- Reply: {1, now ms, feed number by which every replica knows it, born of the feed}
-- Repeating it changes nothing. No tombstone lives longer than the one that was lost: recorded
-- again and again it would live for ever.
-- @include events.lua
ensure_feed()
for i = 0, math.floor((#ARGV - 2) / 3) - 1 do
    local session, sessions = KEYS[1], KEYS[2]
    if i > 0 then session, sessions = KEYS[2 * i + 5], KEYS[2 * i + 6] end
    local entity = ARGV[3 * i + 3]
    local gone = math.min(now + tonumber(ARGV[3 * i + 4]) + 60000, tonumber(ARGV[3 * i + 5]))
    redis.call('ZREM', sessions, entity:match('%S*$'))
    if gone > now and redis.call('HGET', session, 'rev') ~= '1' then
        redis.call('HSET', session, 'rev', 1)
        if redis.call('PTTL', session) < gone - now then
            redis.call('PEXPIREAT', session, number(gone))
        end
        record_session(entity, session)
    end
end
local f = redis.call('HMGET', KEYS[3], 'seq', 'born')
return {1, number(now), f[1], f[2]}
