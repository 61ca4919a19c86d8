-- What time the store has: the only clock that decides about sessions.
-- KEYS: 1 feed (only names the server that is asked)
-- ARGV: none
-- Reply: now in ms
local time = redis.call('TIME')
return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
