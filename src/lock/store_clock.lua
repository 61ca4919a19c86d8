-- What time the store has: leases in it end by this clock.
--
-- KEYS 1 a lock (only names the server that is asked)
-- ARGV none
-- Reply microseconds since 1970, as text
local time = redis.call('TIME')
return string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2]))
