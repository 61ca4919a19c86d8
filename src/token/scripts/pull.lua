-- A replica's probe: what happened after its last entry, and what it has applied so far.
-- KEYS: 1 feed, 2 log, 3 nodes (hash: node id -> "seq born ms staleness")
-- ARGV: 1 node id, 2 born and 3 number of the last applied entry (0: none), 4 its text ("":
--       unknown), 5 how stale the node's answers may be in ms (0: it answers nothing by itself),
--       6 most entries, 7 when a node that survived a loss of data has recorded again everything
--       that it knew to be over: from which ms on it knew of every session; "": it says nothing
-- Reply: {ok | lag | lost, now ms, born, number of the newest entry, [entries after the last one],
--         from which ms on the data set tells of every session that began then whether it is over}
--   lag   the log no longer reaches that far back: load a snapshot
--   lost  the data set is another one or was rolled back: load a snapshot, then record again what
--         is known
-- With ok, what the node says is noted: check.lua may from now on make a session again that began
-- between `since` and `vouch`. Those from before are over, because nobody would know.
-- Writing the acknowledgement makes the probe a write, so a primary that was cut off cannot answer
-- it.
local time = redis.call('TIME')
local function number(n) return string.format('%.0f', n) end
local now = number(time[1] * 1000 + math.floor(time[2] / 1000))
local f = redis.call('HMGET', KEYS[1], 'seq', 'born', 'since')
if not f[1] then
    f = {number(time[1] * 1000000 + time[2]), now}
    redis.call('HSET', KEYS[1], 'seq', f[1], 'born', f[2])
end
local since = f[3] or f[2]
local behind = tonumber(f[1]) - tonumber(ARGV[3])
redis.call('HSET', KEYS[3], ARGV[1],
    ARGV[3] .. ' ' .. ARGV[2] .. ' ' .. now .. ' ' .. ARGV[5])
if f[2] ~= ARGV[2] or behind < 0 then return {'lost', now, f[2], f[1], {}, since} end
if ARGV[4] == '' then
    if behind > redis.call('LLEN', KEYS[2]) then return {'lag', now, f[2], f[1], {}, since} end
else
    local last = redis.call('LINDEX', KEYS[2], -behind - 1)
    if last ~= ARGV[4] then return {last and 'lost' or 'lag', now, f[2], f[1], {}, since} end
end
if ARGV[7] ~= '' then
    since = number(math.min(tonumber(since), tonumber(ARGV[7])))
    redis.call('HSET', KEYS[1], 'since', since, 'vouch', now)
end
if behind == 0 then return {'ok', now, f[2], f[1], {}, since} end
local last = -behind + tonumber(ARGV[6]) - 1
if last >= 0 then last = -1 end
return {'ok', now, f[2], f[1], redis.call('LRANGE', KEYS[2], -behind, last), since}
