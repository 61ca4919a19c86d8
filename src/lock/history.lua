-- Reads a lock's history. Changes nothing.
--
-- KEYS 1 history
-- ARGV none
-- Reply {server us, {entry, fence, entry, fence …}}, the oldest first; an entry is
--       "<owner id>|<since us>|<until us, "" while it lasts>|<how it ended>|<who>"
local time = redis.call('TIME')
return {
    string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2])),
    redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'),
}
