-- Registers a job's definition. The register has no TTL: it is the memory of what has been fired.
-- KEYS[1] register   hash <prefix>j:{job}
-- ARGV[1] schedule   text that decides the fire times (expression, zone, dialect)
-- ARGV[2] definition text of everything (schedule, policies, work)
-- ARGV[3] version    explicit version, 0 when there is none
-- ARGV[4] node       ARGV[5] highest fire time the caller knows of (ms), 0
-- ARGV[6] '1': owe a fire time at the first registration   ARGV[7] max skew (ms)
-- ARGV[8] highest generation the caller has seen, 0
-- ARGV[9] generation in which it was registered last, 0; lower than ARGV[8]: another's came since
-- Reply {'REGISTERED', gen, last, node of the last winner, now, anchor, first, '1' when created}
--       {'STALE', stored gen, last, node that registered it, now}   a higher version is registered,
--             or another definition since the caller's: of two, the one that came last stays
-- Repeating it with the same text changes nothing. Times are Unix milliseconds of the store.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function int(n) return string.format('%.0f', n) end
local register = KEYS[1]
local f = redis.call('HMGET', register, 'gen', 'schedule', 'definition', 'version', 'last', 'who',
                     'anchor', 'first', 'registered_by')
local gen = tonumber(f[1]) or 0
local last = tonumber(f[5]) or 0
local version, stored = tonumber(ARGV[3]), tonumber(f[4]) or 0
local seen, own = tonumber(ARGV[8]), tonumber(ARGV[9])
local superseded = seen > own or (own > 0 and gen > own)
local other = f[3] ~= ARGV[2]
local outranked = gen > 0 and version < stored
local outranks = gen > 0 and version > stored
if outranked or (other and superseded and not outranks) then
  return {'STALE', gen, last, f[9] or '', now}
end
local floor = tonumber(ARGV[5])
if floor > now + tonumber(ARGV[7]) then floor = 0 end
if gen == 0 then
  gen = seen + 1
  local first = ARGV[6] == '1' and floor == 0 and now or 0
  -- After a loss of data the caller's own memory is better than "now": nothing between is lost.
  last = floor > 0 and floor or (first > 0 and now - 1 or now)
  redis.call('HSET', register, 'gen', int(gen), 'schedule', ARGV[1], 'definition', ARGV[2],
             'version', ARGV[3], 'last', int(last), 'anchor', int(now), 'first', int(first),
             'registered_by', ARGV[4], 'registered_at', int(now))
  return {'REGISTERED', gen, last, '', now, now, first, '1'}
end
if other then
  gen = math.max(gen, seen) + 1
  if f[2] ~= ARGV[1] then
    -- Another schedule owes nothing from before it existed.
    last = math.max(last, now)
    redis.call('HSET', register, 'anchor', int(now), 'first', '0')
    f[7], f[8] = int(now), '0'
  end
  redis.call('HSET', register, 'gen', int(gen), 'schedule', ARGV[1], 'definition', ARGV[2],
             'version', ARGV[3], 'last', int(last), 'registered_by', ARGV[4],
             'registered_at', int(now))
elseif floor > last then
  last = floor
  redis.call('HSET', register, 'last', int(last))
end
return {'REGISTERED', gen, last, f[6] or '', now, tonumber(f[7]), tonumber(f[8]), '0'}
