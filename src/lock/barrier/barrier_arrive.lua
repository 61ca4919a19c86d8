-- Arrives at a barrier, or learns how the generation ended in which one arrived. Repeating it is
-- the heartbeat; a party that stops repeating it breaks the generation when its lease ends.
--
-- KEYS 1 barrier  2 arrived  3 outcomes
-- ARGV 1 attempt's id  2 lease ms  3 "<who>|<process channel>"  4 number of parties  5 generation
--      ("" = has not arrived yet)
-- Reply {1, generation, ""}   all parties of this generation (from 1) have arrived
--       {0, 0, ms until the first party's lease ends, 0, generation, ""}   some are missing
--       {-1} the key holds something else   {-2} the generation broke
--       {-3} the parties of this generation do not agree on their number
--       {-4} how the generation ended is not known any more: it may have passed or broken
-- @include barrier_end.lua
local id, lease, parties = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4])
local member = id .. '|' .. ARGV[3]
local kind = redis.pcall('HGET', KEYS[1], 'kind')
if type(kind) == 'table' then return {-1} end
if kind and kind ~= 'barrier' then return {-1} end
if not kind then
    if redis.call('EXISTS', KEYS[1]) == 1 then return {-1} end
    redis.call('DEL', KEYS[2], KEYS[3])
    redis.call('HSET', KEYS[1], 'kind', 'barrier', 'generation', '1', 'parties', parties)
end
redis.call('PEXPIRE', KEYS[1], kept_ms)

local now = server_ms()
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
if #first > 0 and tonumber(first[2]) <= now then end_generation(true, id) end

local outcome = tonumber(redis.call('ZSCORE', KEYS[3], id) or nil)
if outcome then
    if outcome % 2 == 1 then return {-2} end
    return {1, outcome / 2, ''}
end
if ARGV[5] ~= '' and not redis.call('ZSCORE', KEYS[2], member) then return {-4} end

if redis.call('EXISTS', KEYS[2]) == 0 then
    redis.call('HSET', KEYS[1], 'parties', parties)
elseif tonumber(redis.call('HGET', KEYS[1], 'parties')) ~= parties then
    return {-3}
end
redis.call('ZADD', KEYS[2], string.format('%.0f', now + lease), member)
local generation = redis.call('HGET', KEYS[1], 'generation')
if redis.call('ZCARD', KEYS[2]) >= parties then
    end_generation(false, id)
    return {1, tonumber(generation), ''}
end
redis.call('PEXPIRE', KEYS[2], kept_ms)
first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
return {0, 0, tonumber(first[2]) - now, 0, generation, ''}
