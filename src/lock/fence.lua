-- The fence counter: rises with every grant, also after its data was lost or rolled back.
--
-- Included by scripts; uses no KEYS, no ARGV and makes no reply of its own.
--
-- An INCR as a rule. It is raised to the server's microseconds when the counter is new, when the
-- caller asks (its first use over this connection), and when the reply is not above the highest
-- fence the caller has ever seen for this lock. The counter expires a day after its last refresh;
-- microseconds outrun any count of grants, so a counter that starts anew starts above the old one.
local fence_kept_ms = 86400000

local function next_fence(counter, floor, raise)
    local fence = redis.call('INCR', counter)
    if raise == '1' or fence == 1 or fence <= floor then
        local time = redis.call('TIME')
        fence = math.max(fence, floor + 1, tonumber(time[1]) * 1000000 + tonumber(time[2]))
        redis.call('SET', counter, string.format('%.0f', fence), 'PX', fence_kept_ms)
    elseif fence % 64 == 0 then
        redis.call('PEXPIRE', counter, fence_kept_ms)
    end
    return fence
end

-- For a fence that is kept and not issued now: whoever asked for the counter to be raised takes the
-- reply for a sign that it was, and what a rollback forgot may have been issued above it.
local function raise_counter(counter, floor, raise)
    if raise == '1' then next_fence(counter, floor, raise) end
end
