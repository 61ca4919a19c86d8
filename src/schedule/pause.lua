-- Pauses a job, or lets it go on. What fell due while it was paused is not owed afterwards.
-- KEYS[1] register  hash <prefix>j:{job}
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
  local last = math.max(tonumber(f[2]) or 0, now)
  redis.call('HSET', KEYS[1], 'last', string.format('%.0f', last))
  pcall(redis.call, 'PUBLISH', ARGV[2], 'job resumed ' .. ARGV[3] .. ' '
        .. string.format('%.0f', last))
end
return {'RESUMED', now}
