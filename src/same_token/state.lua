-- What both scripts know of the three keys.
--
-- KEYS 1 current  2 past  3 meta hash, as in the scripts that include this
-- ARGV none
-- Reply of state(): what, gen, current, ms it lives, past, ms it lives, next, ms until it is due.
--      A life is '-1' without end and '-2' when there is no such token; '' where there is no text.
--
-- Meta hash: at     store ms of the last announcement (or first token)
--            gen    rises with every rotation
--            last   the token current was set to, should current be gone
--            next   announced, not yet current; absent when there is none
--            due    store ms when next becomes current
--            swapped  store ms when current last changed
local function store_ms()
    local t = redis.call('TIME')
    return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

local function whole(n) return string.format('%.0f', n) end

local function state(what, now)
    local meta = redis.call('HMGET', KEYS[3], 'gen', 'next', 'due')
    local due = ''
    if meta[2] then due = whole((tonumber(meta[3]) or now) - now) end
    return {what, meta[1] or '0',
            redis.call('GET', KEYS[1]) or '', whole(redis.call('PTTL', KEYS[1])),
            redis.call('GET', KEYS[2]) or '', whole(redis.call('PTTL', KEYS[2])),
            meta[2] or '', due}
end
