-- Takes a share (reader, intent, writer or permits) if it fits, or joins the queue. Repeating it is
-- the waiter's heartbeat, and claims what was granted meanwhile.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 holders  5 capacity (of a semaphore only)
-- ARGV 1 owner id  2 lease ms  3 member  4 "1" = wait  5 ticket in server microseconds ("" = now)
--      6 highest fence the caller knows  7 "1" = raise the fence  8 provisional lease ms
--      9 "rw" or "semaphore"  10 capacity if none was agreed ("" = there must be one)  11 "1" = all
--      permits that are free, whatever weight the member names
-- Reply {1, fence, ticket, weight}   held by the caller, for the whole lease from now
--       {0, position, ms until it may fit, 0, ticket, server us, trace of the holder that lasts so
--             long}   not held. Position -1: not queued
--       {-1}   the key holds something else   {-2} no capacity was ever set
--       {-3}   more permits than there are
-- @include ../fence.lua
-- @include holders.lua
local id, lease, member = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local waits, ticket = ARGV[4] == '1', ARGV[5]
local floor, raise, kind = tonumber(ARGV[6]), ARGV[7], ARGV[9]
local _, _, mode, weight = parse_member(member)
local us = server_us()
local now = math.floor(us / 1000)

-- A server that is out of memory refuses a script only before its first write. These two change
-- nothing; it refuses the one, and so whoever comes now, and never the other: whoever waits already
-- stays in the queue and gets its turn.
if ticket == '' then
    redis.call('ZADD', KEYS[2], 'XX', 0, '')
else
    redis.call('PEXPIRE', KEYS[2], queue_kept_ms)
end
if not settle(kind, now) then return {-1} end
local capacity = capacity_of(ARGV[10])
if not capacity then return {-2} end

local function held()
    local fence, upgraded_by, as = entry_of(id)
    if not fence then return nil end
    if tonumber(fence) <= floor then
        fence = next_fence(KEYS[3], floor, '1')
        write_entry(id, fence, upgraded_by, as)
    else
        raise_counter(KEYS[3], floor, raise)
    end
    set_end(id, lease, now)
    keep_until_last_end(now)
    local _, _, _, held_weight = parse_member(as)
    return {1, tonumber(fence), ticket, tonumber(held_weight)}
end

local mine = held()
if mine then return mine end
if ARGV[11] == '1' then
    weight = math.max(1, capacity - tonumber(redis.call('HGET', KEYS[4], '#s') or 0))
    member = string.gsub(member, '^(%x+|%d+|%l|)%d+', '%1' .. weight, 1)
end
if mode == 's' and tonumber(weight) > capacity then
    redis.call('ZREM', KEYS[2], member)
    return {-3}
end

local function taken()
    if redis.call('EXISTS', KEYS[2]) == 1 or not fits(mode, weight, capacity) then return nil end
    local fence = next_fence(KEYS[3], floor, raise)
    add_holder(kind, id, fence, member, lease, now)
    keep_until_last_end(now)
    return {1, fence, ticket, tonumber(weight)}
end

mine = taken()
if mine then return mine end
if waits then
    if ticket == '' then ticket = string.format('%.0f', us) end
    redis.call('ZADD', KEYS[2], 'NX', ticket, member)
    redis.call('PEXPIRE', KEYS[2], queue_kept_ms)
end
let_in(kind, capacity, now, tonumber(ARGV[8]), id, floor, raise)
mine = held()
if not mine and not waits then mine = taken() end
if mine then return mine end
local position = waits and redis.call('ZRANK', KEYS[2], member) or -1
local left, trace = blocked_for(mode, now)
return {0, position or -1, left, 0, ticket, string.format('%.0f', us), trace}
