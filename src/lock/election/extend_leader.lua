-- Lengthens a leader's lease, and keeps what it said for as long.
--
-- KEYS 1 lock  5 leader (2 to 4 and 6 unused)
-- ARGV 1 owner id  2 lease ms
-- Reply 1 held for the whole lease from now   0 nobody holds it   2 somebody else does
local holder = redis.pcall('GET', KEYS[1])
if holder == ARGV[1] then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    redis.call('PEXPIRE', KEYS[5], ARGV[2])
    return 1
end
if not holder then return 0 end
return 2
