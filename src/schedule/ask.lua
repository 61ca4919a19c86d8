-- Asks the fleet to run a job once, now. Does not touch the schedule.
-- KEYS[1] register  hash <prefix>j:{job}   KEYS[2] asked  zset id -> when asked (ms)
-- ARGV[1] id of the request  ARGV[2] fleet channel  ARGV[3] job
-- Reply {'ASKED', now}, again when repeated; {'MISSING', 0}: no such job
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if redis.call('HEXISTS', KEYS[1], 'gen') == 0 then return {'MISSING', 0} end
redis.call('ZADD', KEYS[2], 'NX', string.format('%.0f', now), ARGV[1])
pcall(redis.call, 'PUBLISH', ARGV[2], 'job asked ' .. ARGV[3])
return {'ASKED', now}
