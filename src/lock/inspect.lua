-- Shows what a name is, who holds it and who waits, for every member of the family. Changes
-- nothing.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key  5 queue for shares, of a latch, or who has
--      arrived at a barrier  6 holders of shares  7 capacity  8 what the leader said
-- ARGV 1 how many holders and waiters to list
-- Reply {kind, server us, mutex, shares, meeting}; absent texts are "", absent lists empty
--       kind: "" nobody holds it, "mutex" (or a plain client's lock), "election", "rw",
--       "semaphore", "latch", "barrier", "other"
--       mutex: {holder, ttl ms, side key's text, its ttl ms, queue length,
--               {member, ticket, member, ticket …}, what the leader said}
--       shares: {capacity (-1 = none), weights in use, how many hold, queue length,
--                {owner id, lease's end in server ms, "<fence>|<upgrade>|<member>", …},
--                {member, ticket …}, fence counter,
--                owner id of the intent holder that waits to become the writer ("" = none does)}
--       meeting: {how many are missing, how many are wanted, generation}
local most = tonumber(ARGV[1]) - 1
local holder = redis.pcall('GET', KEYS[1])
local ends = redis.pcall('ZRANGE', KEYS[1], 0, most, 'WITHSCORES')
local met = redis.pcall('HMGET', KEYS[1], 'kind', 'left', 'count', 'parties', 'generation')

local kind, leader = 'other', ''
local holders, in_use, hold, upgrades = {}, 0, 0, ''
local meeting = {0, 0, 0}
local arrived = redis.call('ZCARD', KEYS[5])
if not holder then
    kind = ''
elseif type(holder) == 'string' then
    local said = redis.call('HMGET', KEYS[8], 'owner', 'value')
    kind = said[1] == holder and 'election' or 'mutex'
    if kind == 'election' then leader = said[2] or '' end
elseif not ends.err then
    local about = redis.pcall('HMGET', KEYS[6], 'kind', '#r', '#u', '#w', '#s', 'upgrade')
    kind = not about.err and about[1] or 'other'
    for i = 2, 5 do in_use = in_use + tonumber(kind ~= 'other' and about[i] or 0) end
    upgrades = string.match(kind == 'rw' and about[6] or '', '^%x+|(%x+)|') or ''
    hold = redis.call('ZCARD', KEYS[1])
    for i = 1, kind ~= 'other' and #ends or 0, 2 do
        holders[#holders + 1] = ends[i]
        holders[#holders + 1] = ends[i + 1]
        holders[#holders + 1] = redis.call('HGET', KEYS[6], ends[i]) or ''
    end
elseif not met.err and met[1] == 'latch' then
    kind = 'latch'
    meeting = {tonumber(met[2]), tonumber(met[3]), 0}
elseif not met.err and met[1] == 'barrier' then
    kind = 'barrier'
    local parties = tonumber(met[4])
    meeting = {math.max(0, parties - arrived), parties, tonumber(met[5])}
end

local time = redis.call('TIME')
local capacity = redis.call('GET', KEYS[7])
return {
    kind, string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2])),
    {
        type(holder) == 'string' and holder or '', redis.call('PTTL', KEYS[1]),
        redis.call('GET', KEYS[4]) or '', redis.call('PTTL', KEYS[4]),
        redis.call('ZCARD', KEYS[2]), redis.call('ZRANGE', KEYS[2], 0, most, 'WITHSCORES'), leader,
    },
    {
        tonumber(capacity or -1), in_use, hold, arrived, holders,
        redis.call('ZRANGE', KEYS[5], 0, most, 'WITHSCORES'),
        tonumber(redis.call('GET', KEYS[3]) or 0), upgrades,
    },
    meeting,
}
