-- Says who leads, and asks to be told when that changes.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key  5 leader  6 observers
-- ARGV 1 process channel ("" = only look)  2 for how long to be told, in ms
-- Reply {leader's owner id ("" = nobody), its lease's ms, fence, value}
--       {-1} the key holds something that is not a string
-- @include announce.lua
local holder = redis.pcall('GET', KEYS[1])
if type(holder) == 'table' then return {-1} end
if ARGV[1] ~= '' then
    local until_ms = string.format('%.0f', server_ms() + tonumber(ARGV[2]))
    redis.call('ZADD', KEYS[6], until_ms, ARGV[1])
    redis.call('PEXPIRE', KEYS[6], ARGV[2])
end
local leader = redis.call('HMGET', KEYS[5], 'owner', 'fence', 'value')
if not holder or leader[1] ~= holder then return {'', 0, '0', ''} end
return {holder, redis.call('PTTL', KEYS[1]), leader[2], leader[3]}
