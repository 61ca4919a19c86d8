-- Takes the oldest manual run that somebody asked for.
-- KEYS[1] register  hash <prefix>j:{job}      KEYS[2] open runs  zset token -> lease end (ms)
-- KEYS[3] run       hash token -> packed run  KEYS[4] asked      zset id -> when asked (ms)
-- or, for a day, minus when it was taken
-- ARGV[1] token  ARGV[2] node  ARGV[3] lease (ms)  ARGV[4] generation  ARGV[5] overlap
-- ARGV[6] highest fence the caller has seen  ARGV[7] fleet channel  ARGV[8] job
-- The kind of the run is "manual <id of the request>".
-- Reply {code, number, fire time, who, now}; the fire time of a manual run is when it was asked for
--   CLAIMED fence (again for the same token)   TAKEN 0: nothing is asked for
--   OVERLAP lease end   MISSING   STALE gen
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function int(n) return string.format('%.0f', n) end
local register, leases, runs = KEYS[1], KEYS[2], KEYS[3]
local r = redis.call('HMGET', register, 'gen', 'fence')
local gen = tonumber(r[1]) or 0
if gen == 0 or gen < tonumber(ARGV[4]) then return {'MISSING', 0, 0, '', now} end
if gen > tonumber(ARGV[4]) then return {'STALE', gen, 0, '', now} end
local mine = redis.call('HGET', runs, ARGV[1])
if mine then
  local slot, fence = string.match(mine, '^([^\t]*)\t([^\t]*)')
  return {'CLAIMED', tonumber(fence), tonumber(slot), ARGV[2], now}
end
local asked = redis.call('ZRANGEBYSCORE', KEYS[4], '(0', '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
if #asked == 0 then return {'TAKEN', 0, 0, '', now} end
local live = redis.call('ZRANGEBYSCORE', leases, '(' .. int(now), '+inf', 'WITHSCORES')
if #live > 0 and ARGV[5] ~= 'allow' then
  return {'OVERLAP', tonumber(live[#live]), 0, '', now}
end
local fence = (tonumber(r[2]) or 0) + 1
if not r[2] or fence <= tonumber(ARGV[6]) then
  fence = math.max(t[1] * 1000000 + t[2], tonumber(ARGV[6]) + 1)
end
redis.call('ZADD', KEYS[4], int(-now), asked[1])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '(' .. int(86400000 - now), '0')
redis.call('HSET', register, 'fence', int(fence), 'claimed_at', int(now))
redis.call('ZADD', leases, int(now + tonumber(ARGV[3])), ARGV[1])
redis.call('HSET', runs, ARGV[1], table.concat({asked[2], int(fence), '1', 'manual ' .. asked[1],
           ARGV[2], int(now), '0', ARGV[3], ARGV[4]}, '\t'))
pcall(redis.call, 'PUBLISH', ARGV[7], 'job taken ' .. ARGV[8])
return {'CLAIMED', fence, tonumber(asked[2]), ARGV[2], now}
