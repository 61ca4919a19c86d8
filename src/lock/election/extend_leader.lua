-- Lengthens a leader's lease and keeps what it said for another day. Only now and then: as a rule a
-- leader's lease is extended as any other (extend.lua), with one key.
--
-- KEYS 1 lock  2 leader
-- ARGV 1 owner id  2 lease ms
-- Reply 1 held for the whole lease from now   0 nobody holds it   2 somebody else does
local leader_kept_ms = '86400000'
local holder = redis.pcall('GET', KEYS[1])
if holder == ARGV[1] then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    redis.call('PEXPIRE', KEYS[2], leader_kept_ms)
    return 1
end
if not holder then return 0 end
return 2
