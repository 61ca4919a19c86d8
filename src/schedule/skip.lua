-- Settles fire times that will not run, so that they are accounted for and never run later.
-- KEYS[1] register  hash <prefix>j:{job}   KEYS[2] ledger  zset entry -> fire time
-- ARGV[1] newest fire time to settle (ms)  ARGV[2] oldest  ARGV[3] count  ARGV[4] reason
-- ARGV[5] node  ARGV[6] generation  ARGV[7] ledger entries to keep  ARGV[8] fleet channel
-- ARGV[9] job
-- Reply {code, number, last, who, now}: SETTLED, TAKEN (somebody else did), EARLY, PAUSED,
-- STALE gen, MISSING, BEHIND (some are settled already: look at last and plan again)
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local slot = tonumber(ARGV[1])
local f = redis.call('HMGET', KEYS[1], 'gen', 'last', 'who', 'paused')
local gen, last, who = tonumber(f[1]) or 0, tonumber(f[2]) or 0, f[3] or ''
if gen == 0 or gen < tonumber(ARGV[6]) then return {'MISSING', 0, last, who, now} end
if gen > tonumber(ARGV[6]) then return {'STALE', gen, last, who, now} end
if slot > now then return {'EARLY', slot - now, last, who, now} end
if slot <= last then return {'TAKEN', 0, last, who, now} end
if tonumber(ARGV[2]) <= last then return {'BEHIND', 0, last, who, now} end
if f[4] then return {'PAUSED', 0, last, f[4], now} end
redis.call('HSET', KEYS[1], 'last', ARGV[1], 'who', ARGV[5])
redis.call('ZADD', KEYS[2], ARGV[1], table.concat({'missed', ARGV[1], ARGV[2], ARGV[3], ARGV[4],
           ARGV[5], string.format('%.0f', now)}, '\t'))
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[7]))
pcall(redis.call, 'PUBLISH', ARGV[8], 'job skipped ' .. ARGV[9] .. ' ' .. ARGV[1])
return {'SETTLED', 0, slot, ARGV[5], now}
