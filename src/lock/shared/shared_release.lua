-- Gives a share back, or leaves the queue, and lets in who fits now: one step.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 holders  5 capacity (of a semaphore only)
-- ARGV 1 owner id  2 member to take out of the queue ("" = none)  3 highest fence the caller knows
--      4 "1" = raise the fence  5 provisional lease ms  6 "rw" or "semaphore"
-- Reply 1 released   0 it was not held (any more), or this is a repeat
-- @include ../fence.lua
-- @include holders.lua
local now = math.floor(server_us() / 1000)
if ARGV[2] ~= '' then redis.call('ZREM', KEYS[2], ARGV[2]) end
if not settle(ARGV[6], now) then return 0 end
local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
if held then drop_holder(ARGV[1]) end
let_in(ARGV[6], capacity_of('') or 0, now, tonumber(ARGV[5]), '', tonumber(ARGV[3]), ARGV[4])
return held and 1 or 0
