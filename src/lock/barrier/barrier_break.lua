-- A party that has arrived goes away before the others came: the generation is broken for all of
-- them.
--
-- KEYS 1 barrier  2 arrived  3 outcomes
-- ARGV 1 attempt's id  2 "<who>|<process channel>"
-- Reply 1 broken   0 it was not waiting (any more)
-- @include barrier_end.lua
local waiting = redis.call('ZSCORE', KEYS[2], ARGV[1] .. '|' .. ARGV[2])
if not waiting or redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
end_generation(true, ARGV[1])
return 1
