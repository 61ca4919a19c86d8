-- Granting: who holds the lock is written here and nowhere else.
--
-- Included by scripts whose KEYS are 1 lock, 2 queue, 3 fence counter, 4 side key; uses no ARGV and
-- makes no reply of its own. Needs fence.lua before it.
--
-- A member describes one attempt: "<owner id>|<terms>|<who>|<process channel>", its terms
-- "<lease ms>" or "<lease ms>,<patience ms>,<head start ms>[,<cool-down ms>]" (patience 0: waits
-- for ever; the lease has the cool-down in it), who "<host/pid>[<tab><trace>]". Its score, the
-- ticket, is the server's microseconds when it came, less the head start: whoever came earlier than
-- that is served first, so no priority starves anybody.
-- The side key (KEYS[4]) keeps "<fence>[,<mean hold us>[,r]]|<member>" of the holder (r: somebody
-- asked for the lock, revoke.lua). It is never extended, so the time it has left of side_kept_ms
-- tells since when the lock is held.
local side_kept_ms = 86400000
local tries = 64

local function parse_member(member)
    return string.match(member, '^(%x+)|([^|]*)|([^|]*)|(.*)$')
end

local function parse_terms(terms)
    local lease = tonumber(terms)
    if lease then return lease, 0, 0 end
    local ms, patience, head_start = string.match(terms, '^(%d+),(%d+),(%d+)')
    return tonumber(ms), tonumber(patience), tonumber(head_start)
end

local function server_us()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- Of the holder's lease, in ms; -1: without an end. `granted` (side_of) is the most that it asked
-- for: when the server's clock goes back, a holder that is dead must not keep the lock for longer.
-- One that lives extends it again.
local function time_left(granted)
    local left = redis.call('PTTL', KEYS[1])
    if not granted or left <= granted then return left end
    redis.call('PEXPIRE', KEYS[1], granted)
    return granted
end

local function set_holder(id, fence, member, ttl, mean)
    redis.call('SET', KEYS[1], id, 'PX', ttl)
    local head = string.format(mean and '%.0f,%.0f|' or '%.0f|', fence, mean)
    redis.call('SET', KEYS[4], head .. member, 'PX', side_kept_ms)
end

-- What the side key tells of the holder `id`: fence, mean hold, lease, channel, who. Nil: not of
-- `id`.
local function side_of(id)
    local side = redis.call('GET', KEYS[4])
    if not side then return nil end
    local fence, mean, member = string.match(side, '^(%d+),?(%d*),?r?|(.*)$')
    local owner, terms, who, channel = parse_member(member or '')
    if owner ~= id then return nil end
    return tonumber(fence), tonumber(mean), (parse_terms(terms)), channel, who
end

-- How long a turn lasts, in microseconds: a mean in which the last turn weighs a quarter. Only
-- turns that others waited for are counted. A server's clock that went back makes no turn negative.
local function mean_hold()
    local side = redis.call('GET', KEYS[4])
    if not side then return nil end
    local held = math.max(0, side_kept_ms - redis.call('PTTL', KEYS[4])) * 1000
    local mean = tonumber(string.match(side, '^%d+,(%d+)'))
    return mean and math.floor((3 * mean + held) / 4) or held
end

-- Tells the new head of the queue that it is next and how long the grant before it lasts, so that
-- it can wake exactly when a holder that died runs out.
local function tell_next(ttl)
    for place = 0, 7 do  -- further only while processes turn out to be dead
        local head = redis.call('ZRANGE', KEYS[2], place, place)
        if #head == 0 then return end
        local id, _, _, channel = parse_member(head[1])
        local message = 'lock h ' .. id .. ' ' .. ttl .. ' ' .. KEYS[1]
        if redis.pcall('PUBLISH', channel, message) ~= 0 then return end
    end
end

-- Whether the lock may go to whoever asks first: somebody waits, and for less than so many ms.
local function may_barge(barging)
    if barging == '0' then return false end
    local head = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
    return #head == 2 and server_us() - tonumber(head[2]) < tonumber(barging) * 1000
end

-- Whether a waiter's own time limit has passed: it has given up or is about to.
local function too_late(ticket, patience, head_start)
    return patience > 0 and tonumber(ticket) + (head_start + patience) * 1000 <= server_us()
end

-- Gives the lock to the first waiter whose process still listens and whose time limit has not
-- passed. Reading and popping come first: a server that is out of memory refuses a script only
-- before its first write, and ZPOPMIN is never refused, so the hand-over happens all the same. The
-- push goes out before the lock is written: skipping a dead waiter is then cheap, and the script
-- is atomic anyway. A waiter that listens but is frozen keeps only the provisional lease until it
-- claims. A server that refuses PUBLISH is no sign of death: the waiter finds its grant with its
-- next heartbeat.
--
-- Returns 'granted' with the owner id and the fence, 'none' (the queue is empty, the lock
-- unchanged) or 'more' (gave up after `tries` dead waiters; call again). `self`: an owner id that
-- needs no push, it reads the reply.
local function grant_next(floor, raise, provisional, self)
    local mean, fence = mean_hold(), nil
    for _ = 1, tries do
        local popped = redis.call('ZPOPMIN', KEYS[2])
        if #popped == 0 then return 'none' end
        local id, terms, _, channel = parse_member(popped[1])
        local lease, patience, head_start = parse_terms(terms)
        if not too_late(popped[2], patience, head_start) then
            fence = fence or next_fence(KEYS[3], floor, raise)
            local heard = 1
            if id ~= self then
                local message = string.format('lock g %s %.0f %s', id, fence, KEYS[1])
                heard = redis.pcall('PUBLISH', channel, message)
            end
            if type(heard) ~= 'number' or heard > 0 then
                local ttl = math.min(lease, provisional)
                set_holder(id, fence, popped[1], ttl, mean)
                tell_next(ttl)
                return 'granted', id, fence
            end
        end
    end
    return 'more'
end
