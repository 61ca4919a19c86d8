-- Counts a latch down by one, once for each token; the last one wakes those who wait.
--
-- KEYS 1 latch  2 queue
-- ARGV 1 token
-- Reply {1, left} counted   {0, left} this token had been counted, or the latch was open
--       {-1} the key holds something else   {-2} there is no latch
-- @include open_latch.lua
local left = counts_left()
if left < 0 then return {left} end
if left == 0 or redis.call('HEXISTS', KEYS[1], 't:' .. ARGV[1]) == 1 then return {0, left} end
redis.call('HSET', KEYS[1], 't:' .. ARGV[1], '1')
left = redis.call('HINCRBY', KEYS[1], 'left', -1)
if left == 0 then wake_some() end
return {1, left}
