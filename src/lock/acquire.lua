-- Takes the lock if it is free, or joins its queue. Repeating it is the waiter's heartbeat.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key
-- ARGV 1 owner id  2 lease ms  3 member ("" = do not wait)  4 ticket in server microseconds
--      ("" = now)  5 who|channel of a caller that does not wait  6 highest fence the caller knows
--      7 "1" = raise the fence  8 provisional lease ms
-- Reply {1, fence, ticket}   held by the caller, for the whole lease from now
--       {0, position, holder's ttl ms, foreign, ticket, server us}   not held. Position -1: not
--             queued. Ttl -1: never ends; -2: free, ask again at once. Foreign 1: the holder is not
--             Holdfast and will push nothing
--       {-1}   the key holds something that is not a string
-- @include fence.lua
-- @include grant.lua
local queue_kept_ms = 60000
local id, lease, floor = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[6])
local waits = ARGV[3] ~= ''
local member = waits and ARGV[3] or id .. '|' .. ARGV[2] .. '|' .. ARGV[5]

if redis.call('EXISTS', KEYS[1], KEYS[2]) == 0 then
    local fence = next_fence(KEYS[3], floor, ARGV[7])
    set_holder(id, fence, member, lease)
    return {1, fence, ARGV[4]}
end

local holder = redis.pcall('GET', KEYS[1])
if type(holder) == 'table' then return {-1} end

if holder == id then
    local fence = fence_of(id) or next_fence(KEYS[3], floor, ARGV[7])
    set_holder(id, fence, member, lease)
    return {1, fence, ARGV[4]}
end

local now, ticket = nil, ARGV[4]
if waits then
    local time = redis.call('TIME')
    now = string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2]))
    if ticket == '' then ticket = now end
    if redis.call('ZADD', KEYS[2], 'NX', ticket, member) == 1 and ARGV[7] == '1' then
        next_fence(KEYS[3], floor, '1')
    end
    redis.call('PEXPIRE', KEYS[2], queue_kept_ms)
end

-- The holder died: nobody ran a script when its lease ended.
if not holder then
    local fence = next_fence(KEYS[3], floor, ARGV[7])
    local outcome, winner = grant_next(fence, tonumber(ARGV[8]), id)
    if outcome == 'none' or winner == id then
        set_holder(id, fence, member, lease)
        return {1, fence, ticket}
    end
end

local position = waits and redis.call('ZRANK', KEYS[2], member) or -1
local ttl = redis.call('PTTL', KEYS[1])
local side = holder and redis.call('GET', KEYS[4])
local foreign = holder and 1 or 0
if side then
    local owner, granted = string.match(side, '^%d+|(%x+)|(%d+)|')
    if owner == holder then
        foreign = 0
        -- The server's clock went back: a holder that is dead must not keep the lock for longer
        -- than the lease it asked for. One that lives extends it again.
        if ttl > tonumber(granted) then
            ttl = tonumber(granted)
            redis.call('PEXPIRE', KEYS[1], ttl)
        end
    end
end
return {0, position or -1, ttl, foreign, ticket, now or ''}
