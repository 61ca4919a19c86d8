-- Ends a leadership: the next candidate gets the lock, and everybody who watches is told.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key  5 leader  6 observers
-- ARGV 1 owner id  2 highest fence the caller knows  3 "1" = raise the fence  4 provisional lease
--      ms
-- Reply 1 resigned   0 it did not lead (or this is a repeat)   2 not done yet: many candidates were
--       dead; repeat
-- @include ../fence.lua
-- @include ../grant.lua
-- @include announce.lua
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[5])
local outcome = 'none'
if redis.call('EXISTS', KEYS[2]) == 1 then
    outcome = grant_next(tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), '')
end
if outcome == 'more' then return 2 end
if outcome == 'none' then redis.call('DEL', KEYS[1], KEYS[4]) end
announce(server_ms())
return 1
