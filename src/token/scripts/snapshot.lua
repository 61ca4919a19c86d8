-- One page of everything a new replica must know, in order of expiry.
-- KEYS: 1 feed, 2 log, 3 state, 4 expiry
-- ARGV: 1 expiry of the last one seen in ms (0: from now on), 2 most entities
-- Reply: {now ms, born, number of the newest entry, its text or "", expiry of the last of this
--         page, [texts]}
-- The first page's number is where the log goes on: what changes meanwhile is in the log again.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function number(n) return string.format('%.0f', n) end
if redis.call('HEXISTS', KEYS[1], 'seq') == 0 then
    redis.call('HSET', KEYS[1], 'seq', number(time[1] * 1000000 + time[2]), 'born', number(now))
end
local f = redis.call('HMGET', KEYS[1], 'seq', 'born')
local from = math.max(tonumber(ARGV[1]), now)
local page = redis.call('ZRANGEBYSCORE', KEYS[4], number(from), '+inf', 'WITHSCORES',
    'LIMIT', 0, ARGV[2])
local texts, last = {}, number(from)
for i = 1, #page, 2 do
    texts[#texts + 1] = redis.call('HGET', KEYS[3], page[i])
    last = number(tonumber(page[i + 1]))
end
return {number(now), f[2], f[1], redis.call('LINDEX', KEYS[2], -1) or '', last, texts}
