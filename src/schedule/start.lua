-- Marks a run as started, just before its work begins. A run without this mark has done nothing and
-- may always be handed on; one with it has perhaps done everything. Its lease is counted from here:
-- whoever asked several times before it heard of its claim does not know when that lease began.
-- KEYS[1] open runs  zset token -> lease end   KEYS[2] run  hash token -> packed run
-- ARGV[1] token   ARGV[2] lease (ms)
-- Reply {'STARTED', lease end} also when it was marked before; {'LOST', 0}: the lease ended
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ends = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
local run = redis.call('HGET', KEYS[2], ARGV[1])
if not run or ends <= now then return {'LOST', 0} end
local head, started, tail = string.match(run, '^(.-\t.-\t.-\t.-\t.-\t.-\t)(.-)(\t.*)$')
if started == '0' then
  redis.call('HSET', KEYS[2], ARGV[1], head .. string.format('%.0f', now) .. tail)
end
ends = now + tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], string.format('%.0f', ends), ARGV[1])
return {'STARTED', ends}
