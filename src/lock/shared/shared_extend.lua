-- Lengthens one holder's lease, nobody else's. A lease that has ended stays ended. A holder that is
-- known with an older fence only, since the store forgot its upgrade, does not hold what it thinks.
--
-- KEYS 1 lock  4 holders (2 and 3 unused)
-- ARGV 1 owner id  2 lease ms  3 fence of the lease
-- Reply 1 held for the whole lease from now   0 not held any more
-- @include ../fence.lua
-- @include holders.lua
local now = math.floor(server_us() / 1000)
local ends = redis.pcall('ZSCORE', KEYS[1], ARGV[1])
if type(ends) ~= 'string' and type(ends) ~= 'number' then return 0 end
if tonumber(ends) <= now then return 0 end
if tonumber(entry_of(ARGV[1]) or 0) < tonumber(ARGV[3]) then return 0 end
set_end(ARGV[1], tonumber(ARGV[2]), now)
keep_until_last_end(now)
return 1
