-- Settles a run whose lease ended without a word: another attempt here, or a record of the loss.
-- KEYS[1] register  hash <prefix>j:{job}      KEYS[2] open runs  zset token -> lease end (ms)
-- KEYS[3] run       hash token -> packed run  KEYS[4] ledger     zset entry -> fire time
-- KEYS[5] asked     zset id of a manual run -> when asked (ms), below 0: taken
-- ARGV[1] node  ARGV[2] new token  ARGV[3] on_crash: abandon, rerun  ARGV[4] attempts at most
-- ARGV[5] start deadline (ms), 0: none  ARGV[6] overlap  ARGV[7] lease (ms)  ARGV[8] generation
-- ARGV[9] highest fence the caller has seen  ARGV[10] ledger entries to keep
-- ARGV[11] fleet channel  ARGV[12] job
-- Reply {code, number, fire time, who had it, now, attempt, kind, manual runs waiting}
--   NONE earliest lease end or 0     nothing has expired
--   ADOPTED fence                    (again for the same new token)
--   ABANDONED 0                      recorded as crashed; ask again, there may be more
--   BUSY lease end                   another run is going on and overlap is not allowed
--   STALE gen    MISSING    PAUSED
-- The old token is gone afterwards: a late word of the first owner is answered LOST.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function int(n) return string.format('%.0f', n) end
local register, leases, runs, ledger = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local new, lease = ARGV[2], tonumber(ARGV[7])
local waiting = redis.call('ZCOUNT', KEYS[5], '(0', '+inf')
local function answer(code, number, slot, who, attempt, kind)
  return {code, number, slot or 0, who or '', now, attempt or 0, kind or '', waiting}
end
local function unpacked(text)
  local f = {}
  for v in string.gmatch(text .. '\t', '([^\t]*)\t') do f[#f + 1] = v end
  return f
end
local r = redis.call('HMGET', register, 'gen', 'fence', 'paused')
local gen = tonumber(r[1]) or 0
if gen == 0 or gen < tonumber(ARGV[8]) then return answer('MISSING', 0) end
if gen > tonumber(ARGV[8]) then return answer('STALE', gen) end
local mine = redis.call('HGET', runs, new)
if mine then
  local f = unpacked(mine)
  return answer('ADOPTED', tonumber(f[2]), tonumber(f[1]), '', tonumber(f[3]), f[4])
end
local expired = redis.call('ZRANGEBYSCORE', leases, '-inf', int(now), 'LIMIT', 0, 1)[1]
local function living()
  return redis.call('ZRANGEBYSCORE', leases, '(' .. int(now), '+inf', 'WITHSCORES')
end
local live = living()
if live[1] and tonumber(live[#live]) > now + lease then
  -- Given by a clock that was ahead? Nobody believes in a lease for longer than its length.
  for i = 1, #live, 2 do
    local longest = now + (tonumber(unpacked(redis.call('HGET', runs, live[i]) or '')[8]) or lease)
    if tonumber(live[i + 1]) > longest then redis.call('ZADD', leases, int(longest), live[i]) end
  end
  live = living()
end
if not expired then return answer('NONE', tonumber(live[2]) or 0) end
if r[3] then return answer('PAUSED', 0) end
local f = unpacked(redis.call('HGET', runs, expired) or '0\t0\t1\tschedule\t\t0\t0\t0\t0')
local slot, attempt, started = tonumber(f[1]), tonumber(f[3]), tonumber(f[7])
local deadline = tonumber(ARGV[5])
-- What has not begun is handed on under every policy.
local rerun = slot > 0 and (started == 0 or (ARGV[3] == 'rerun' and attempt < tonumber(ARGV[4])))
              and (deadline == 0 or now - slot <= deadline)
if rerun and #live > 0 and ARGV[6] ~= 'allow' then
  return answer('BUSY', tonumber(live[#live]), slot, f[5])
end
redis.call('ZADD', ledger, int(slot), table.concat({'run', f[1], f[2], f[3], f[4], f[5], f[6], f[7],
           int(now), started > 0 and int(now - started) or '0',
           started > 0 and 'crashed' or 'handed_over', '',
           (rerun and 'adopted by ' or 'abandoned by ') .. ARGV[1], expired}, '\t'))
redis.call('ZREMRANGEBYRANK', ledger, 0, -1 - tonumber(ARGV[10]))
redis.call('HDEL', runs, expired)
redis.call('ZREM', leases, expired)
if not rerun then
  pcall(redis.call, 'PUBLISH', ARGV[11], 'job done ' .. ARGV[12] .. ' ' .. f[1] .. ' ' .. f[2])
  return answer('ABANDONED', 0, slot, f[5], attempt, f[4])
end
local fence = (tonumber(r[2]) or 0) + 1
if not r[2] or fence <= tonumber(ARGV[9]) then
  fence = math.max(t[1] * 1000000 + t[2], tonumber(ARGV[9]) + 1)
end
redis.call('HSET', register, 'fence', int(fence), 'claimed_at', int(now))
redis.call('ZADD', leases, int(now + lease), new)
redis.call('HSET', runs, new, table.concat({f[1], int(fence), int(attempt + 1), f[4], ARGV[1],
           int(now), '0', ARGV[7], ARGV[8]}, '\t'))
pcall(redis.call, 'PUBLISH', ARGV[11], table.concat({'job', 'adopted', ARGV[12], f[1], int(fence),
      int(now + lease), ARGV[1]}, ' '))
return answer('ADOPTED', fence, slot, f[5], attempt + 1, f[4])
