-- Writes a value if the writer's fence is not older than that of the last write: one step.
--
-- KEYS 1 the newest fence seen by the resource  2 the resource (same hash tag)
-- ARGV 1 fence  2 value
-- Reply 1 written   0 refused: a newer fence has been seen
local seen = tonumber(redis.call('GET', KEYS[1]) or '0')
if tonumber(ARGV[1]) < seen then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2])
return 1
