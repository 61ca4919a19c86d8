-- Sets how many permits there are, for good. Those who fit now are let in; nobody is thrown out.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 holders  5 capacity
-- ARGV 1 capacity ("" = forget it)  2 highest fence the caller knows  3 "1" = raise the fence
--      4 provisional lease ms
-- Reply 1 done   -1 the key holds something else
-- @include ../fence.lua
-- @include ../shared/holders.lua
local now = math.floor(server_us() / 1000)
if not settle('semaphore', now) then return -1 end
if ARGV[1] == '' then
    redis.call('DEL', KEYS[5])
else
    redis.call('SET', KEYS[5], ARGV[1])
end
let_in('semaphore', tonumber(ARGV[1]) or 0, now, tonumber(ARGV[4]), '', tonumber(ARGV[2]), ARGV[3])
return 1
