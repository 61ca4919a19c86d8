-- Takes the lock if it is free, or joins its queue. Repeating it is the waiter's heartbeat.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key
-- ARGV 1 owner id  2 lease ms  3 member (grant.lua)  4 ticket: a place in the queue as an earlier
--      reply gave it, "" = a new one, "-" = do not wait  5 highest fence the caller knows
--      6 "1" = raise the fence  7 provisional lease ms  8 barging: if nobody holds it at this
--      moment, take it ahead of those who wait as long as the first has waited for less than so
--      many ms ("0" = never)
-- Reply the fence   held by the caller, for the whole lease from now
--       {position, holder's ttl ms, foreign, ticket, server us, mean hold us, held for ms, holder's
--             trace}   not held. Position -1: not queued. Ttl -1: never ends; -2: free, ask again
--             at once. Foreign 1: the holder is not Holdfast and will push nothing. Mean and held
--             for: -1 when not known. Trace "": it gave none
--       -1    the key holds something that is not a string

-- First the way that most calls take, before any function is made: this halves its cost.
if ARGV[6] == '0' and redis.call('EXISTS', KEYS[1], KEYS[2]) == 0 then
    local fence = redis.call('INCR', KEYS[3])
    if fence > tonumber(ARGV[5]) and fence > 1 and fence % 64 ~= 0 then
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        redis.call('SET', KEYS[4], string.format('%d|', fence) .. ARGV[3], 'PX', '86400000')
        return fence
    end
    ARGV[6] = '1'  -- the counter is new, was rolled back, or is to be kept for another day
end

-- @include fence.lua
-- @include grant.lua
local queue_kept_ms = 60000
local id, lease, member, floor = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[5])
local provisional = tonumber(ARGV[7])

local function take(mean)
    local fence = next_fence(KEYS[3], floor, ARGV[6])
    set_holder(id, fence, member, lease, mean)
    return fence
end

local holder = redis.pcall('GET', KEYS[1])
if type(holder) == 'table' then return -1 end
if holder == id then
    local fence, mean = side_of(id)
    if not fence then return take() end
    raise_counter(KEYS[3], floor, ARGV[6])
    set_holder(id, fence, member, lease, mean)
    return fence
end
if not holder then
    local barges = may_barge(ARGV[8])
    if barges then redis.call('ZREM', KEYS[2], member) end
    if barges or redis.call('EXISTS', KEYS[2]) == 0 then return take() end
end

local now, ticket, position = '', ARGV[4], -1
if ticket ~= '-' then
    local at = server_us()
    now = string.format('%.0f', at)
    if ticket == '' then
        local _, _, head_start = parse_terms(select(2, parse_member(member)))
        ticket = string.format('%.0f', at - head_start * 1000)
    end
    -- A server that is out of memory refuses a script only before its first write, and this is one
    -- that it never refuses: whoever waits already stays in the queue, only newcomers are refused.
    if ARGV[4] ~= '' then redis.call('PEXPIRE', KEYS[2], queue_kept_ms) end
    if redis.call('ZADD', KEYS[2], 'NX', ticket, member) == 0 then
        ticket = redis.call('ZSCORE', KEYS[2], member)
    elseif ARGV[6] == '1' then
        next_fence(KEYS[3], floor, '1')
    end
    redis.call('PEXPIRE', KEYS[2], queue_kept_ms)
end

-- The holder died, or left without handing on: nobody ran a script when it went.
if not holder then
    local outcome, winner, fence = grant_next(floor, ARGV[6], provisional, id)
    if outcome == 'none' then return take() end
    if winner == id then
        set_holder(id, fence, member, lease, mean_hold())
        return fence
    end
end

if ticket ~= '-' then position = redis.call('ZRANK', KEYS[2], member) or -1 end
local foreign, mean, held_for = holder and 1 or 0, -1, -1
local _, known_mean, granted, _, who = side_of(holder)
local ttl = time_left(granted)
if granted then
    foreign, mean = 0, known_mean or -1
    held_for = side_kept_ms - redis.call('PTTL', KEYS[4])
end
local trace = string.match(who or '', '\t(.*)$') or ''
return {position, ttl, foreign, ticket, now, mean, held_for, trace}
