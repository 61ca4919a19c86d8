-- Who this server is, and for how long it can have kept what it was told.
--
-- KEYS 1 marker
-- ARGV 1 a random word, which becomes the name of this data set if it has none
-- Reply {name of the data set, its age in ms}   the age is that of the marker or of the server's
--       process, whichever is less
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local marker = redis.call('GET', KEYS[1])
local name, since = string.match(marker or '', '^(%S+) (%d+)$')
if not name then
    name, since = ARGV[1], string.format('%.0f', now)
    redis.call('SET', KEYS[1], name .. ' ' .. since)
end
local age = math.max(now - tonumber(since), 0)
-- INFO is not everybody's right, and the embedded store has none: the marker has to do then.
local info = redis.pcall('INFO', 'server')
local up = type(info) == 'string' and string.match(info, 'uptime_in_seconds:(%d+)')
if up then age = math.min(age, math.max(tonumber(up) - 1, 0) * 1000) end
return {name, age}
