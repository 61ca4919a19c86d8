-- Counts a latch down by one, once for each token; the last one wakes those who wait.
--
-- KEYS 1 latch  2 queue
-- ARGV 1 token
-- Reply {1, left} counted   {0, left} this token had been counted, or the latch was open
--       {-1} the key holds something else   {-2} there is no latch
-- @include open_latch.lua
local kind = redis.pcall('HGET', KEYS[1], 'kind')
if type(kind) == 'table' then return {-1} end
if not kind then return {redis.call('EXISTS', KEYS[1]) == 1 and -1 or -2} end
if kind ~= 'latch' then return {-1} end
redis.call('PEXPIRE', KEYS[1], redis.call('HGET', KEYS[1], 'kept'))
local left = tonumber(redis.call('HGET', KEYS[1], 'left'))
if left == 0 or redis.call('HEXISTS', KEYS[1], 't:' .. ARGV[1]) == 1 then return {0, left} end
redis.call('HSET', KEYS[1], 't:' .. ARGV[1], '1')
left = redis.call('HINCRBY', KEYS[1], 'left', -1)
if left == 0 then wake_some() end
return {1, left}
