-- Says that an instance is alive and learns who else is, so that one of them claims and the others
-- only take over.
-- KEYS[1] instances  zset "node<TAB>hash of its job list" -> alive until (ms)   <prefix>j:nodes
-- ARGV[1] member of this instance  ARGV[2] time to live (ms), 0 to leave  ARGV[3] its former
-- member when its job list changed, ''
-- Reply {now, members alive, …}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function int(n) return string.format('%.0f', n) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', int(now))
if ARGV[3] ~= '' then redis.call('ZREM', KEYS[1], ARGV[3]) end
if ARGV[2] == '0' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], int(now + tonumber(ARGV[2])), ARGV[1])
end
local reply = redis.call('ZRANGE', KEYS[1], 0, -1)
table.insert(reply, 1, now)
return reply
