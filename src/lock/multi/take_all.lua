-- Takes several locks at once, or stands in all their queues. Repeating it is the waiter's
-- heartbeat; it lengthens what was granted meanwhile.
--
-- Every attempt stands in its queues with one and the same ticket, given in one step and later than
-- those of all that wait there, whatever the clock says. So of two attempts the first one is before
-- the other in every queue they share, and they cannot wait for each other.
-- An attempt that lost one of its places or grants has to give up all the others and start anew
-- with a new ticket: it must not wait with an old one while others have overtaken it. Only the
-- caller can do that: a late copy of a question that was answered long ago looks the same when one
-- of the names was broken since, and must take nothing from a holder.
--
-- KEYS for each lock: 1 lock  2 queue  3 fence counter  4 side key
-- ARGV 1 owner id  2 lease ms  3 member  4 "1" = wait  5 ticket ("" = a new one)
--      6 provisional lease ms, then for each lock: highest fence the caller knows, "1" = raise the
--      fence
-- Reply {1, fence, ticket, fence of the 2nd lock, …}   all held, for the whole lease from now
--       {0, position, holder's ttl ms, foreign, ticket, server us, holder's trace}   as
--             acquire.lua, of the lock that may come first
--       {-1}   a key holds something that is not a string
--       {-2, ticket, fence, …}   a place or a grant was lost, others are there: places with this
--             ticket ("" = none), and what is held under these fences (-1 = not held); nothing was
--             taken: give them up (release_all.lua) and ask again without a ticket
-- @include names.lua
-- @include ../fence.lua
-- @include ../grant.lua
local queue_kept_ms = 60000
local id, lease, member = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local waits, ticket = ARGV[4] == '1', ARGV[5]
local provisional = tonumber(ARGV[6])
local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2]))

local function floor_of(i) return tonumber(ARGV[5 + 2 * i]), ARGV[6 + 2 * i] end

-- 'mine', 'queued', 'free', 'taken' or, if nobody holds it but some wait, 'orphan'
local function state_of(i)
    at(i)
    local holder = redis.pcall('GET', KEYS[1])
    if type(holder) == 'table' then return 'wrong' end
    if holder == id then return 'mine' end
    local place = waits and redis.call('ZSCORE', KEYS[2], member)
    if place then return holder and 'queued' or 'orphan', place end
    if holder then return 'taken' end
    return redis.call('EXISTS', KEYS[2]) == 0 and 'free' or 'orphan'
end

local function torn()
    local places, fences = '', {}
    for i = 1, names do
        local state, place = state_of(i)
        places = place or places
        fences[i] = state == 'mine' and (side_of(id) or 0) or -1
    end
    return {-2, places, unpack(fences)}
end

local mine, queued = 0, 0
for i = 1, names do
    local state, place = state_of(i)
    if state == 'wrong' then return {-1} end
    if state == 'mine' then mine = mine + 1 end
    if place then queued, ticket = queued + 1, place end
end
local stands = mine + queued == names
if not stands then
    if mine + queued > 0 then return torn() end
    ticket = now
    for i = 1, names do
        at(i)
        local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')
        if #last == 2 and tonumber(last[2]) >= tonumber(ticket) then
            ticket = string.format('%.0f', tonumber(last[2]) + 1)
        end
    end
end

-- A holder died and nobody ran a script when its lease ended.
local unfinished = false
for i = 1, names do
    if state_of(i) == 'orphan' then
        local floor, raise = floor_of(i)
        local outcome = grant_next(floor, raise, provisional, id)
        unfinished = unfinished or outcome == 'more'
    end
end

local function hold(i)
    at(i)
    local floor, raise = floor_of(i)
    local fence = side_of(id)
    if not fence or fence <= floor then
        fence = next_fence(KEYS[3], floor, fence and '1' or raise)
    else
        raise_counter(KEYS[3], floor, raise)
    end
    set_holder(id, fence, member, lease)
    return fence
end

-- It may itself have been passed over there, for a limit that has passed by a clock that stepped.
local missing = 0
for i = 1, names do
    local state = state_of(i)
    if stands and state == 'taken' then return torn() end
    if state ~= 'mine' and state ~= 'free' then missing = missing + 1 end
end
if missing == 0 then
    local reply = {1, hold(1), ticket}
    for i = 2, names do reply[#reply + 1] = hold(i) end
    return reply
end

if waits then
    for i = 1, names do
        local state = state_of(i)
        if state == 'mine' then
            redis.call('PEXPIRE', KEYS[1], lease)
        elseif state == 'free' then
            hold(i)
        else
            -- First: a server that is out of memory throws out nobody who waits (acquire.lua).
            if stands then redis.call('PEXPIRE', KEYS[2], queue_kept_ms) end
            redis.call('ZADD', KEYS[2], 'NX', ticket, member)
            redis.call('PEXPIRE', KEYS[2], queue_kept_ms)
        end
    end
end

local position, soonest, foreign, trace = -1, -1, 0, ''
for i = 1, names do
    at(i)
    local rank = waits and redis.call('ZRANK', KEYS[2], member) or -1
    if rank and rank >= 0 and (position < 0 or rank < position) then position = rank end
    local ours, _, granted, _, who = side_of(redis.call('GET', KEYS[1]))
    local left = time_left(granted)  -- whoever is before us may be dead and never ask
    if rank == 0 then
        if not ours then foreign = 1 end
        if left ~= -1 and (soonest < 0 or left < soonest) then
            soonest, trace = left, string.match(who or '', '\t(.*)$') or ''
        end
    end
end
if unfinished then soonest = -2 end
return {0, position, soonest, foreign, ticket, now, trace}
