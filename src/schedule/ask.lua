-- Asks the fleet to run a job once, now. Does not touch the schedule.
-- KEYS[1] register  hash <prefix>j:{job}   KEYS[2] asked  zset id -> when asked (ms), and for a
-- day after it was taken minus the time of that: a repeat that comes late asks for nothing
-- ARGV[1] id of the request  ARGV[2] fleet channel  ARGV[3] job
-- Reply {'ASKED', now}, again when repeated; {'MISSING', 0}: no such job
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if redis.call('HEXISTS', KEYS[1], 'gen') == 0 then return {'MISSING', 0} end
-- Its fire time tells runs apart: no other's, and no whole second as those of schedules are.
local function int(n) return string.format('%.0f', n) end
while now % 1000 == 0 or redis.call('ZCOUNT', KEYS[2], int(now), int(now)) > 0 do now = now + 1 end
redis.call('ZADD', KEYS[2], 'NX', int(now), ARGV[1])
pcall(redis.call, 'PUBLISH', ARGV[2], 'job asked ' .. ARGV[3])
return {'ASKED', now}
