-- A replica's probe: what happened after its last entry, and what it has applied so far.
-- KEYS: 1 feed, 2 log, 3 nodes (hash: node id -> "seq born ms staleness")
-- ARGV: 1 node id, 2 born and 3 number of the last applied entry (0: none), 4 its text ("":
--       unknown), 5 how stale the node's answers may be in ms (0: it answers nothing by itself),
--       6 most entries
-- Reply: {ok | lag | lost, now ms, born, number of the newest entry, [entries after the last one]}
--   lag   the log no longer reaches that far back: load a snapshot
--   lost  the data set is another one or was rolled back: re-record what is known, then load a
--         snapshot
-- Writing the acknowledgement makes the probe a write, so a primary that was cut off cannot answer
-- it.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function number(n) return string.format('%.0f', n) end
if redis.call('HEXISTS', KEYS[1], 'seq') == 0 then
    redis.call('HSET', KEYS[1], 'seq', number(time[1] * 1000000 + time[2]), 'born', number(now))
end
local f = redis.call('HMGET', KEYS[1], 'seq', 'born')
local seq, applied = tonumber(f[1]), tonumber(ARGV[3])
redis.call('HSET', KEYS[3], ARGV[1],
    ARGV[3] .. ' ' .. ARGV[2] .. ' ' .. number(now) .. ' ' .. ARGV[5])
local behind = seq - applied
if f[2] ~= ARGV[2] or behind < 0 then return {'lost', number(now), f[2], f[1], {}} end
local reach = redis.call('LLEN', KEYS[2])
if behind > reach or (behind == reach and ARGV[4] ~= '') then
    return {'lag', number(now), f[2], f[1], {}}
end
if ARGV[4] ~= '' and redis.call('LINDEX', KEYS[2], -behind - 1) ~= ARGV[4] then
    return {'lost', number(now), f[2], f[1], {}}
end
if behind == 0 then return {'ok', number(now), f[2], f[1], {}} end
local last = -behind + tonumber(ARGV[6]) - 1
if last >= 0 then last = -1 end
return {'ok', number(now), f[2], f[1], redis.call('LRANGE', KEYS[2], -behind, last)}
