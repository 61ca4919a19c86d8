-- A node that survived a loss of data says: every revocation I knew is recorded again.
-- KEYS: 1 feed
-- ARGV: 1 born of the feed it has re-recorded them in
-- Reply: {1 if that feed is still the one, now ms}
-- Sessions that began before `vouch` may from now on be made again from their tokens (check.lua).
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
if redis.call('HGET', KEYS[1], 'born') ~= ARGV[1] then return {0, now} end
redis.call('HSET', KEYS[1], 'vouch', now)
return {1, now}
