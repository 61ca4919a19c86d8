-- Ends every session of a user that exists now, by raising the epoch their tokens carry.
-- KEYS: 1 the user's sessions, 2 user hash, 3 feed, 4 log, 5 state, 6 expiry
-- ARGV: 1 fleet channel, 2 partition, 3 "guard user", 4 longest life of a token in ms, 5 id of this
--       request, 6 epoch to reach at least (0: one more than now)
-- Reply: {1, now ms, feed number by which every replica knows it, born of the feed, epoch}
-- Repeating it with the same id changes nothing, so a login after the first try survives.
-- @include events.lua
ensure_feed()
local u = redis.call('HMGET', KEYS[2], 'ue', 'last')
local ue, wanted = tonumber(u[1] or '0'), tonumber(ARGV[6])
if wanted == 0 then wanted = ue + 1 end
if u[2] == ARGV[5] or wanted <= ue then
    local f = redis.call('HMGET', KEYS[3], 'seq', 'born')
    return {1, number(now), f[1], f[2], number(ue)}
end
local gone = now + tonumber(ARGV[4]) + 60000
redis.call('HSET', KEYS[2], 'ue', number(wanted), 'last', ARGV[5])
keep_user(gone)
redis.call('DEL', KEYS[1])
local user = 'u ' .. ARGV[3]
local seq = record(user, user .. ' ' .. number(wanted) .. ' ' .. number(gone), gone)
return {1, number(now), seq, redis.call('HGET', KEYS[3], 'born'), number(wanted)}
