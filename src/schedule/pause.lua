-- Pauses a job, or lets it go on. What fell due while it was paused is not owed afterwards.
-- The time of the pause goes into the ledger: one entry "missed" for (last settled, now].
-- KEYS[1] register  hash <prefix>j:{job}   KEYS[2] ledger  zset entry -> fire time
-- ARGV[1] who pauses it, '' to resume  ARGV[2] fleet channel  ARGV[3] job
-- Reply {'PAUSED', now}, {'RESUMED', now}, {'MISSING', 0}; repeating changes nothing
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local f = redis.call('HMGET', KEYS[1], 'gen', 'last', 'paused')
if not f[1] then return {'MISSING', 0} end
if ARGV[1] ~= '' then
  if not f[3] then redis.call('HSET', KEYS[1], 'paused', ARGV[1]) end
  return {'PAUSED', now}
end
if f[3] then
  redis.call('HDEL', KEYS[1], 'paused')
  local before = tonumber(f[2]) or 0
  local last = math.max(before, now)
  redis.call('HSET', KEYS[1], 'last', string.format('%.0f', last))
  if last > before then
    local newest = string.format('%.0f', last)
    redis.call('ZADD', KEYS[2], newest, table.concat({'missed', newest,
               string.format('%.0f', before + 1), '0', 'paused', f[3], newest}, '\t'))
  end
  pcall(redis.call, 'PUBLISH', ARGV[2], 'job resumed ' .. ARGV[3] .. ' '
        .. string.format('%.0f', last))
end
return {'RESUMED', now}
