-- Ledger entries by fire time, newest first, and kept outputs. Reads only.
-- KEYS[1] ledger  zset entry -> fire time   KEYS[2] outputs  list "token\noutput", newest first
-- ARGV[1] oldest fire time (ms)  ARGV[2] newest  ARGV[3] at most so many  ARGV[4] '1': outputs too
-- Reply {entries, outputs, fire time of the oldest entry kept, 0 when the ledger is empty}
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[2], ARGV[1], 'LIMIT', 0, tonumber(ARGV[3])),
        ARGV[4] == '1' and redis.call('LRANGE', KEYS[2], 0, -1) or {}, tonumber(oldest[2]) or 0}
