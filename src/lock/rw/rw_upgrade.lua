-- Makes the intent holder the writer as soon as it is alone; meanwhile no new reader gets in.
-- Repeating it is the heartbeat; it also lengthens the holder's lease.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 holders
-- ARGV 1 owner id of the intent holder  2 this attempt's id  3 channel  4 lease ms  5 highest fence
--      the caller knows  6 "1" = raise the fence
-- Reply {1, fence, ""}   the writer, for the whole lease from now
--       {0, 0, ms until the last reader's lease ends, 0, "", ""}   readers are still inside
--       {-1} the key holds something else   {-2} not held any more   {-3} held, but not as intent
-- @include ../fence.lua
-- @include ../shared/holders.lua
local id, attempt, floor = ARGV[1], ARGV[2], tonumber(ARGV[5])
local now = math.floor(server_us() / 1000)
if not settle('rw', now) then return {-1} end
local fence, upgraded_by, member = entry_of(id)
if not fence then return {-2} end
local _, _, mode = parse_member(member)
if mode == 'r' or (mode == 'w' and upgraded_by ~= attempt) then return {-3} end
set_end(id, tonumber(ARGV[4]), now)
if mode == 'u' then
    redis.call('HSET', KEYS[4], 'upgrade', attempt .. '|' .. id .. '|' .. ARGV[3])
    finish_upgrade(floor, ARGV[6])
    fence, upgraded_by = entry_of(id)
end
keep_until_last_end(now)
if upgraded_by == attempt then
    if tonumber(fence) <= floor then
        fence = next_fence(KEYS[3], floor, '1')
        local _, _, writer = entry_of(id)
        write_entry(id, fence, attempt, writer)
    else
        raise_counter(KEYS[3], floor, ARGV[6])
    end
    return {1, tonumber(fence), ''}
end
local ends = redis.call('ZRANGE', KEYS[1], -2, -1, 'WITHSCORES')
local last = ends[3] == id and ends[2] or ends[4]
return {0, 0, math.max(0, tonumber(last) - now), 0, '', ''}
