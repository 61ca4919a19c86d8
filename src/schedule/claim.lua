-- Claims one fire time: compare-and-advance on the last fired instant, with a lease and a fence.
-- KEYS[1] register  hash <prefix>j:{job}       KEYS[2] open runs  zset token -> lease end (ms)
-- KEYS[3] run       hash token -> packed run   KEYS[4] ledger     zset entry -> fire time
-- ARGV[1] fire time (ms)      ARGV[2] token        ARGV[3] node       ARGV[4] lease (ms)
-- ARGV[5] caller's clock (ms) ARGV[6] max skew (ms) ARGV[7] floor: highest fire time it knows of
-- ARGV[8] generation          ARGV[9] overlap: forbid, allow, replace
-- ARGV[10] highest fence the caller has seen       ARGV[11] ledger entries to keep
-- ARGV[12] missed: newest fire time or 0  ARGV[13] oldest  ARGV[14] count  ARGV[15] reason
-- ARGV[16] fleet channel      ARGV[17] job
-- Reply {code, number, last, who, now}; last: highest fire time settled, who: node that settled it
--   CLAIMED fence       (again for the same token: a lost reply costs nothing)
--   TAKEN 0             EARLY ms to wait         SKEW store clock minus caller's (ms)
--   STALE gen           MISSING 0: no such generation here, register again
--   PAUSED 0, who: by   OVERLAP lease end, who: its node   an earlier run is going on; ask again
--   REPLACING lease end, who: its node           it has been told to stop; ask again
--   OVERLAPPED 0        fell due during an earlier run: settled without running
--   BEHIND 0            some of the missed ones are settled already: look at last and plan again
-- Nothing here trusts one clock: a fire time must be due by the store's, and both must agree.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function int(n) return string.format('%.0f', n) end
local function publish(text) pcall(redis.call, 'PUBLISH', ARGV[16], text) end
local register, leases, runs, ledger = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local slot, token, node, lease = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local skew, floor = tonumber(ARGV[6]), tonumber(ARGV[7])

local f = redis.call('HMGET', register, 'gen', 'last', 'fence', 'paused', 'who', 'claimed_at',
                     'done_at')
local gen, last, who = tonumber(f[1]) or 0, tonumber(f[2]) or 0, f[5] or ''
local mine = redis.call('HGET', runs, token)
if mine then
  local fence = string.match(mine, '^[^\t]*\t([^\t]*)')
  return {'CLAIMED', tonumber(fence), last, node, now}
end
if gen == 0 or gen < tonumber(ARGV[8]) then return {'MISSING', 0, last, who, now} end
if gen > tonumber(ARGV[8]) then return {'STALE', gen, last, who, now} end
-- A floor in the future is some caller's broken clock and must not silence the job.
if floor > last and floor <= now + skew then
  last = floor
  redis.call('HSET', register, 'last', int(last))
end
if slot > now then return {'EARLY', slot - now, last, who, now} end
local delta = now - tonumber(ARGV[5])
local live = redis.call('ZRANGEBYSCORE', leases, '(' .. int(now), '+inf', 'WITHSCORES')
local poisoned = last > now + skew and math.abs(delta) <= skew and #live == 0
if slot <= last and not poisoned then return {'TAKEN', 0, last, who, now} end
if tonumber(ARGV[14]) > 0 and tonumber(ARGV[13]) <= last and not poisoned then
  return {'BEHIND', 0, last, who, now}
end
if math.abs(delta) > skew then return {'SKEW', delta, last, who, now} end
if f[4] then return {'PAUSED', 0, last, f[4], now} end

local function keep(entry, score)
  redis.call('ZADD', ledger, int(score), table.concat(entry, '\t'))
  redis.call('ZREMRANGEBYRANK', ledger, 0, -1 - tonumber(ARGV[11]))
end
local function settle()
  redis.call('HSET', register, 'last', int(slot), 'who', node)
  if poisoned then keep({'healed', ARGV[1], int(last), node, int(now)}, slot) end
  if tonumber(ARGV[14]) > 0 then
    keep({'missed', ARGV[12], ARGV[13], ARGV[14], ARGV[15], node, int(now)}, ARGV[12])
  end
end
if #live > 0 and ARGV[9] ~= 'allow' then
  local run = redis.call('HGET', runs, live[#live - 1]) or ''
  local fence, owner = string.match(run, '^[^\t]*\t([^\t]*)\t[^\t]*\t[^\t]*\t([^\t]*)')
  if ARGV[9] == 'forbid' then
    return {'OVERLAP', tonumber(live[#live]), last, owner or '', now}
  end
  redis.call('HSET', register, 'stop', fence or '0')
  publish('job stop ' .. ARGV[17] .. ' ' .. (fence or '0'))
  return {'REPLACING', tonumber(live[#live]), last, owner or '', now}
end
local started, ended = tonumber(f[6]) or 0, tonumber(f[7]) or 0
-- An end that is yet to come was written by a clock that was ahead; it hides nothing.
if ARGV[9] == 'forbid' and started <= slot and slot <= ended and ended <= now then
  settle()
  keep({'missed', ARGV[1], ARGV[1], '1', 'overlap', node, int(now)}, slot)
  return {'OVERLAPPED', 0, slot, node, now}
end

local fence = (tonumber(f[3]) or 0) + 1
-- A new or rolled-back register must not issue again what is out there already.
if not f[3] or fence <= tonumber(ARGV[10]) then
  fence = math.max(t[1] * 1000000 + t[2], tonumber(ARGV[10]) + 1)
end
settle()
redis.call('HSET', register, 'fence', int(fence), 'claimed_at', int(now))
redis.call('ZADD', leases, int(now + lease), token)
redis.call('HSET', runs, token, table.concat({ARGV[1], int(fence), '1', 'schedule', node, int(now),
           '0', ARGV[4], ARGV[8]}, '\t'))
publish(table.concat({'job', 'claimed', ARGV[17], ARGV[1], int(fence), int(now + lease), node},
                     ' '))
return {'CLAIMED', fence, slot, node, now}
