-- Registers a job's definition. The register has no TTL: it is the memory of what has been fired.
-- KEYS[1] register   hash <prefix>j:{job}
-- ARGV[1] schedule   text that decides the fire times (expression, zone, dialect)
-- ARGV[2] definition text of everything (schedule, policies, work)
-- ARGV[3] version    explicit version, 0 when there is none
-- ARGV[4] node       ARGV[5] highest fire time the caller knows of (ms), 0
-- ARGV[6] '1': owe a fire time at the first registration   ARGV[7] max skew (ms)
-- ARGV[8] highest generation the caller has seen, 0
-- ARGV[9] generation in which it was registered last, 0; lower than ARGV[8]: another's came since
-- ARGV[10] anchor that it learned with ARGV[9] (ms)
-- Reply {'REGISTERED', gen, last, node of the last winner, now, anchor, first, '1' when created}
--       {'STALE', stored gen, last, node that registered it, now}   a higher version is registered,
--             or another definition since the caller's: of two, the one that came last stays
-- A generation is the moment (us of the store) when somebody new brought a definition, and names
-- that definition and its anchor for good: what is put back after a loss of data has both again, so
-- that nobody takes two definitions, or two grids of fire times, for one.
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
local anchor, first, created = tonumber(f[7]) or now, tonumber(f[8]) or 0, gen == 0
local back = own > gen and not superseded
if created then
  first = ARGV[6] == '1' and floor == 0 and not back and now or 0
  -- After a loss of data the caller's own memory is better than "now": nothing between is lost.
  last = floor > 0 and floor or (first > 0 and now - 1 or now)
elseif f[2] ~= ARGV[1] then
  -- Another schedule owes nothing from before it existed.
  last = math.max(last, back and floor or now)
  anchor, first = now, 0
else
  last = math.max(last, floor)
end
if other or back then
  if back then anchor = tonumber(ARGV[10]) end
  gen = back and own or math.max(gen + 1, seen + 1, t[1] * 1000000 + t[2])
  redis.call('HSET', register, 'gen', int(gen), 'schedule', ARGV[1], 'definition', ARGV[2],
             'version', ARGV[3], 'last', int(last), 'anchor', int(anchor), 'first', int(first),
             'registered_by', ARGV[4], 'registered_at', int(now))
elseif last ~= tonumber(f[5]) then
  redis.call('HSET', register, 'last', int(last))
end
return {'REGISTERED', gen, last, f[6] or '', now, anchor, first, created and '1' or '0'}
