-- Everything that is known about one job. Reads only.
-- KEYS[1] register  hash <prefix>j:{job}      KEYS[2] open runs  zset token -> lease end (ms)
-- KEYS[3] run       hash token -> packed run  KEYS[4] asked      zset id -> when asked (ms),
-- below 0: taken
-- ARGV none
-- Reply {now, register fields and values, open runs {token, lease end, packed run, …}, asked}; an
-- empty register: no such job
local t = redis.call('TIME')
local open = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
local runs = {}
for i = 1, #open, 2 do
  runs[#runs + 1] = open[i]
  runs[#runs + 1] = open[i + 1]
  runs[#runs + 1] = redis.call('HGET', KEYS[3], open[i]) or ''
end
return {t[1] * 1000 + math.floor(t[2] / 1000), redis.call('HGETALL', KEYS[1]), runs,
        redis.call('ZCOUNT', KEYS[4], '(0', '+inf')}
