-- Extends the lease of a run. Touches nothing that other runs need.
-- KEYS[1] open runs  zset token -> lease end   KEYS[2] register  hash <prefix>j:{job}
-- KEYS[3] run  hash token -> packed run
-- ARGV[1] token   ARGV[2] fence   ARGV[3] lease (ms)
-- Reply {'EXTENDED', lease end}
--       {'STOP', lease end}  extended, and a newer run waits for this one to stop
--       {'LOST', 0}          the lease ended; somebody else may have adopted the run
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ends = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
local run = redis.call('HGET', KEYS[3], ARGV[1])
if not run or ends <= now then return {'LOST', 0} end
if string.match(run, '^[^\t]*\t([^\t]*)') ~= ARGV[2] then return {'LOST', 0} end
ends = now + tonumber(ARGV[3])
redis.call('ZADD', KEYS[1], string.format('%.0f', ends), ARGV[1])
local stop = tonumber(redis.call('HGET', KEYS[2], 'stop') or '0')
return {stop >= tonumber(ARGV[2]) and 'STOP' or 'EXTENDED', ends}
