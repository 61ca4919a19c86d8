-- Ends every session of a user that exists now, by raising the epoch their tokens carry.
-- KEYS: 1 the user's sessions, 2 user hash, 3 feed, 4 log, 5 state, 6 expiry
-- ARGV: 1 fleet channel, 2 partition, 3 "guard user", 4 longest life of a token in ms, 5 id of this
--       request, 6 by a replica that remembers a lost epoch: what to reach at least; 0: one more
--       than now, 7 when that memory ends by the server's ms; 0: a whole life from now
-- Reply: {1, now ms, feed number by which every replica knows it, born of the feed, epoch, until
--         when the epoch is remembered in ms}
-- All who remember an epoch remember it until the same instant: a node that did so for longer than
-- the store would refuse those who have logged in since.
-- Repeating it with the same id changes nothing, so a login after the first try survives.
-- @include events.lua
ensure_feed()
local u = redis.call('HMGET', KEYS[2], 'ue', 'last')
local ue, wanted = tonumber(u[1] or '0'), tonumber(ARGV[6])
local again = wanted > 0
if not again then wanted = ue + 1 end
local gone = now + tonumber(ARGV[4]) + 60000
if ARGV[7] ~= '0' then gone = tonumber(ARGV[7]) end
-- A rollback may have left the same request's id beside an older epoch, or an end that is too soon.
if again and wanted == ue then keep_user(ARGV[3], number(ue), gone, 0) end
if (u[2] == ARGV[5] and not again) or wanted <= ue or gone <= now then
    local f = redis.call('HMGET', KEYS[3], 'seq', 'born')
    return {1, number(now), f[1], f[2], number(ue), number(user_told_until(ARGV[3]))}
end
redis.call('HSET', KEYS[2], 'ue', number(wanted), 'last', ARGV[5])
redis.call('DEL', KEYS[1])
local seq = tell_epoch(ARGV[3], number(wanted), gone)
return {1, number(now), seq, redis.call('HGET', KEYS[3], 'born'), number(wanted),
    number(user_told_until(ARGV[3]))}
