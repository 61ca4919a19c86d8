-- Lengthens one holder's lease, nobody else's. A lease that has ended stays ended. As a rule it
-- touches only the lock's own key, so that a migrating cluster slot cannot starve it.
--
-- KEYS 1 lock  2 holders: for an intent to write, and now and then, long before they would expire
--      (holders.lua)
-- ARGV 1 owner id  2 lease ms  3 fence of an intent to write or of what it became ("" = the lease
--      is of another mode). A store that forgot the upgrade knows an older one, or a newer one if
--      it let the intent in again since: in both cases the holder does not hold what it thinks. A
--      newer one that an upgrade gave is the holder's, whose reply was lost
-- Reply 1 held for the whole lease from now   0 not held any more
local holders_kept_ms = 86400000
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local ends = redis.pcall('ZSCORE', KEYS[1], ARGV[1])
if type(ends) ~= 'string' and type(ends) ~= 'number' then return 0 end
if tonumber(ends) <= now then return 0 end
if ARGV[3] ~= '' then
    local entry = redis.call('HGET', KEYS[2], ARGV[1]) or ''
    local fence, upgraded_by = string.match(entry, '^(%d+)|(%x*)|')
    if tonumber(fence or 0) < tonumber(ARGV[3]) then return 0 end
    if upgraded_by == '' and tonumber(fence) > tonumber(ARGV[3]) then return 0 end
end
-- First a write that a server out of memory does not refuse; then it refuses none (acquire.lua).
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
local left = math.max(1, tonumber(last[2]) - now)
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', left))
if KEYS[2] then redis.call('PEXPIRE', KEYS[2], string.format('%.0f', left + holders_kept_ms)) end
return 1
