-- Granting: who holds the lock is written here and nowhere else.
--
-- Included by scripts whose KEYS are 1 lock, 2 queue, 3 fence counter, 4 side key; uses no ARGV and
-- makes no reply of its own.
--
-- A member describes one attempt: "<owner id>|<lease ms>|<who>|<process channel>". The side key
-- (KEYS[4]) keeps "<fence>|<member>" of the holder. It is never extended, so the time it has left
-- of side_kept_ms tells since when the lock is held.
local side_kept_ms = 86400000
local tries = 64

local function parse_member(member)
    return string.match(member, '^(%x+)|(%d+)|([^|]*)|(.*)$')
end

local function set_holder(id, fence, member, ttl)
    redis.call('SET', KEYS[1], id, 'PX', ttl)
    redis.call('SET', KEYS[4], string.format('%.0f|%s', fence, member), 'PX', side_kept_ms)
end

-- The fence of the grant that `id` holds; nil when the side key does not tell.
local function fence_of(id)
    local side = redis.call('GET', KEYS[4])
    if not side then return nil end
    local fence, holder = string.match(side, '^(%d+)|(%x+)|')
    if holder == id then return tonumber(fence) end
    return nil
end

-- Tells the new head of the queue that it is next and how long the grant before it lasts, so that
-- it can wake exactly when a holder that died runs out.
local function tell_next(ttl)
    local head = redis.call('ZRANGE', KEYS[2], 0, 0)
    if #head == 0 then return end
    local id, _, _, channel = parse_member(head[1])
    redis.pcall('PUBLISH', channel, 'lock h ' .. id .. ' ' .. ttl .. ' ' .. KEYS[1])
end

-- Gives the lock to the first waiter whose process still listens. The push goes out before the lock
-- is written: skipping a dead waiter is then cheap, and the script is atomic anyway. A waiter that
-- listens but is frozen keeps only the provisional lease until it claims. A server that refuses
-- PUBLISH is no sign of death: the waiter finds its grant with its next heartbeat.
--
-- Returns 'granted', 'none' (the queue is empty, the lock unchanged) or 'more' (gave up after
-- `tries` dead waiters; call again). `self`: an owner id that needs no push, it reads the reply.
local function grant_next(fence, provisional, self)
    for _ = 1, tries do
        local popped = redis.call('ZPOPMIN', KEYS[2])
        if #popped == 0 then return 'none' end
        local id, lease, _, channel = parse_member(popped[1])
        local ttl = math.min(tonumber(lease), provisional)
        local heard = 1
        if id ~= self then
            local message = string.format('lock g %s %.0f %s', id, fence, KEYS[1])
            heard = redis.pcall('PUBLISH', channel, message)
        end
        if type(heard) ~= 'number' or heard > 0 then
            set_holder(id, fence, popped[1], ttl)
            tell_next(ttl)
            return 'granted', id
        end
    end
    return 'more'
end
