-- Takes the lock away from its holder. The fence rises first, so a resource that checks fences
-- refuses the old holder from its next accepted write on. Those who watch an election are told.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key  5 leader  6 observers
-- ARGV 1 the holder to throw out (so that a repeat cannot hit the next one)  2 highest fence the
--      caller knows  3 provisional lease ms
-- Reply {1, fence} broken   {0} that holder does not hold it (any more)   {2} not done yet: repeat
--       {-1} the key holds something that is not a string
-- @include fence.lua
-- @include grant.lua
-- @include election/announce.lua
local holder = redis.pcall('GET', KEYS[1])
if type(holder) == 'table' then return {-1} end
if holder ~= ARGV[1] then return {0} end

-- First a write that a server out of memory does not refuse; then it refuses none (acquire.lua).
redis.call('PEXPIRE', KEYS[2], 60000)
local fence = next_fence(KEYS[3], tonumber(ARGV[2]), '1')
local _, _, _, channel = side_of(holder)
if channel then
    redis.pcall('PUBLISH', channel, string.format('lock b %s %.0f %s', holder, fence, KEYS[1]))
end
local outcome = redis.call('EXISTS', KEYS[2]) == 1
    and grant_next(fence, '0', tonumber(ARGV[3]), '') or 'none'
if outcome == 'more' then return {2} end
if outcome == 'none' then redis.call('DEL', KEYS[1], KEYS[4]) end
redis.call('DEL', KEYS[5])
announce(server_ms())
return {1, fence}
