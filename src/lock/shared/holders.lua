-- Locks with several holders: who holds, what fits beside them, who is let in next.
--
-- Included by scripts whose KEYS are 1 the lock: a zset of owner ids by the end of their leases in
-- server milliseconds  2 queue  3 fence counter  4 a hash about the holders  5 a semaphore's
-- capacity; uses no ARGV and makes no reply of its own.
--
-- A member of the queue describes one attempt: "<owner id>|<lease
-- ms>|<mode>|<weight>|<who>|<process channel>", mode r (reader), u (intent to write), w (writer) or
-- s (permits), who as in grant.lua. The hash keeps for each holder "<fence>|<attempt that upgraded
-- it or empty>|<member>", the weights in use by mode ("#r", "#u", "#w", "#s"), which member of the
-- family the lock is ("kind"), and the attempt of the intent holder that waits to become the writer
-- ("upgrade").
local tries = 256
local queue_kept_ms = 60000
local ping_pause_ms = 1000
local holders_kept_ms = 86400000

local function server_us()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local function parse_member(member)
    return string.match(member, '^(%x+)|(%d+)|(%l)|(%d+)|([^|]*)|(.*)$')
end

-- fence, upgrading attempt, member
local function entry_of(id)
    local entry = redis.call('HGET', KEYS[4], id)
    if not entry then return nil end
    return string.match(entry, '^(%d+)|(%x*)|(.*)$')
end

local function write_entry(id, fence, upgraded_by, member)
    local entry = string.format('%.0f|%s|%s', tonumber(fence), upgraded_by, member)
    redis.call('HSET', KEYS[4], id, entry)
end

-- The lock goes when the last lease has ended, and is free then. What is said about its holders
-- stays for a day more, so that an extension need not touch it; settle() throws it away before.
local function keep_until_last_end(now)
    local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
    if #last == 0 then
        redis.call('DEL', KEYS[4])
        return
    end
    local left = math.max(1, tonumber(last[2]) - now)
    redis.call('PEXPIRE', KEYS[1], string.format('%.0f', left))
    redis.call('PEXPIRE', KEYS[4], string.format('%.0f', left + holders_kept_ms))
end

local function set_end(id, lease, now)
    redis.call('ZADD', KEYS[1], string.format('%.0f', now + lease), id)
end

local function add_holder(kind, id, fence, member, lease, now)
    local _, _, mode, weight = parse_member(member)
    set_end(id, lease, now)
    redis.call('HSET', KEYS[4], 'kind', kind)
    redis.call('HINCRBY', KEYS[4], '#' .. mode, weight)
    write_entry(id, fence, '', member)
end

local function drop_holder(id)
    local _, _, member = entry_of(id)
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[4], id)
    if not member then return end
    local _, _, mode, weight = parse_member(member)
    redis.call('HINCRBY', KEYS[4], '#' .. mode, '-' .. weight)
    if mode == 'u' then redis.call('HDEL', KEYS[4], 'upgrade') end
end

-- Drops the holders whose leases have ended, and clamps those that would last longer than they
-- asked for because the server's clock went back. False: the key belongs to something else.
local function settle(kind, now)
    local card = redis.pcall('ZCARD', KEYS[1])
    if type(card) == 'table' then return false end
    if card == 0 then
        redis.call('DEL', KEYS[4])
        return true
    end
    if redis.call('HGET', KEYS[4], 'kind') ~= kind then return false end
    local ended = string.format('%.0f', now)
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ended)) do drop_holder(id) end
    local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
    while #last > 0 do
        local _, _, member = entry_of(last[1])
        local _, lease = parse_member(member or '')
        if tonumber(last[2]) <= now + tonumber(lease or 0) then break end
        set_end(last[1], tonumber(lease or 0), now)
        last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
    end
    return true
end

-- The capacity that all agree on; `initial` ("" = none) when nobody has said one. nil: unknown.
local function capacity_of(initial)
    if not KEYS[5] then return 0 end
    local said = tonumber(redis.call('GET', KEYS[5]) or nil)
    if said then
        if redis.call('PTTL', KEYS[5]) > 0 then redis.call('PEXPIRE', KEYS[5], 86400000) end
        return said
    end
    if initial == '' then return nil end
    redis.call('SET', KEYS[5], initial, 'PX', 86400000)
    return tonumber(initial)
end

local function fits(mode, weight, capacity)
    if mode == 'w' then return redis.call('EXISTS', KEYS[1]) == 0 end
    local used = redis.call('HMGET', KEYS[4], '#s', '#w', '#u', 'upgrade')
    if mode == 's' then return tonumber(used[1] or 0) + tonumber(weight) <= capacity end
    if tonumber(used[2] or 0) > 0 or used[4] then return false end
    return mode == 'r' or tonumber(used[3] or 0) == 0
end

-- Milliseconds until the leases end that keep `mode` out: all of them for a writer, one for others;
-- and the trace of the holder whose lease that is ("" = it gave none).
local function blocked_for(mode, now)
    local place = mode == 'w' and -1 or 0
    local ending = redis.call('ZRANGE', KEYS[1], place, place, 'WITHSCORES')
    if #ending == 0 then return -2, '' end
    local _, _, member = entry_of(ending[1])
    local _, _, _, _, who = parse_member(member or '')
    return math.max(0, tonumber(ending[2]) - now), string.match(who or '', '\t(.*)$') or ''
end

local function push(channel, kind, id, number)
    local message = string.format('lock %s %s %.0f %s', kind, id, number, KEYS[1])
    local heard = redis.pcall('PUBLISH', channel, message)
    return type(heard) ~= 'number' or heard > 0
end

-- The intent holder is alone now: it is the writer.
local function finish_upgrade(floor, raise)
    local waiting = redis.call('HGET', KEYS[4], 'upgrade')
    if not waiting or redis.call('ZCARD', KEYS[1]) ~= 1 then return end
    local attempt, holder, channel = string.match(waiting, '^(%x+)|(%x+)|(.*)$')
    local _, _, member = entry_of(holder)
    if not member then return end
    local fence = next_fence(KEYS[3], floor, raise)
    redis.call('HDEL', KEYS[4], 'upgrade')
    redis.call('HINCRBY', KEYS[4], '#u', -1)
    redis.call('HINCRBY', KEYS[4], '#w', 1)
    write_entry(holder, fence, attempt, (string.gsub(member, '^(%x+|%d+|)u', '%1w')))
    push(channel, 'g', attempt, fence)
end

-- The head asks at once, and the rest is done then.
local function wake_head()
    local head = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
    if not head then return end
    local id, _, _, _, _, channel = parse_member(head)
    push(channel, 'h', id, 0)
end

-- Lets in everybody at the head of the queue who fits. A waiter whose process is gone is skipped;
-- one that is frozen keeps what it got for the provisional lease only. `self`: an owner id that
-- needs no push, it reads the reply. A head that does not fit is asked from time to time whether it
-- still listens, so that a dead writer does not keep readers out.
local function let_in(kind, capacity, now, provisional, self, floor, raise)
    finish_upgrade(floor, raise)
    local granted = false
    for try = 1, tries do
        local head = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
        if not head then break end
        local id, lease, mode, weight, _, channel = parse_member(head)
        local alive = true
        if mode == 's' and tonumber(weight) > capacity then
            if id ~= self then push(channel, 'h', id, 0) end
            alive = false  -- it asks at once and is told why
        elseif not fits(mode, weight, capacity) then
            local pinged = tonumber(redis.call('HGET', KEYS[4], 'pinged') or 0)
            if granted then
                alive = push(channel, 'h', id, (blocked_for(mode, now)))
            elseif id ~= self and math.abs(now - pinged) >= ping_pause_ms then
                redis.call('HSET', KEYS[4], 'pinged', string.format('%.0f', now))
                alive = push(channel, 'p', id, 0)
            end
            if alive then break end
        else
            redis.call('ZREM', KEYS[2], head)
            local fence = next_fence(KEYS[3], floor, raise)
            if id == self or push(channel, 'g', id, fence) then
                add_holder(kind, id, fence, head, math.min(tonumber(lease), provisional), now)
                granted = true
            end
        end
        if not alive then redis.call('ZREM', KEYS[2], head) end
        if try == tries then wake_head() end
    end
    keep_until_last_end(now)
end
