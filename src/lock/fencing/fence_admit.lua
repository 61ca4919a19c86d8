-- Lets a writer through whose fence is not older than the newest one seen.
--
-- KEYS 1 the newest fence seen by the resource
-- ARGV 1 fence
-- Reply 1 admitted   0 refused: a newer one has been seen
local seen = tonumber(redis.call('GET', KEYS[1]) or '0')
if tonumber(ARGV[1]) < seen then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
