-- Asks the holder to give the lock up: a push, and a mark that inspection shows until the holder
-- changes. Takes nothing away.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key
-- ARGV 1 who asks, one word
-- Reply 1 the holder's process was told   0 it is a plain client, or does not listen
--       -1 nobody holds it   -2 the key holds something that is not a string
-- @include fence.lua
-- @include grant.lua
local holder = redis.pcall('GET', KEYS[1])
if type(holder) == 'table' then return -2 end
if not holder then return -1 end
local fence, mean, _, channel = side_of(holder)
if not fence then return 0 end
local side = redis.call('GET', KEYS[4])
redis.call('SET', KEYS[4], string.gsub(side, '^[^|]*',
    string.format('%.0f,%s,r', fence, mean and string.format('%.0f', mean) or ''), 1), 'KEEPTTL')
local message = 'lock r ' .. holder .. ' ' .. ARGV[1] .. ' ' .. KEYS[1]
local heard = redis.pcall('PUBLISH', channel, message)
return type(heard) == 'number' and heard > 0 and 1 or 0
