-- Second phase of a quorum lock: the token that the holder is about to use becomes the least that
-- this node's counter can continue from.
--
-- KEYS 1 lock  2 fence counter
-- ARGV 1 owner id  2 the token
-- Reply 1 written   0 the caller does not hold the lock here
local fence_kept_ms = 86400000
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if tonumber(redis.call('GET', KEYS[2]) or '0') < tonumber(ARGV[2]) then
    redis.call('SET', KEYS[2], ARGV[2], 'PX', fence_kept_ms)
end
return 1
