-- Takes shares away from their holders and lets in who fits then. The fence rises first, so a
-- resource that checks fences refuses the old holders from its next accepted write on.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 holders  5 capacity (of a semaphore only)
-- ARGV 1 owner id of the holder to throw out ("" = all of them)  2 only those whose fence is not
--      above this one, so that a repeat cannot hit the next ones  3 highest fence the caller knows
--      4 provisional lease ms  5 "rw" or "semaphore"
-- Reply {1, fence} broken   {0} none of them holds it (any more)   {2, fence} not done yet: repeat
--       {-1} the key holds something else
-- @include ../fence.lua
-- @include holders.lua
local broken_at_once = 256
local now = math.floor(server_us() / 1000)
if not settle(ARGV[5], now) then return {-1} end

local doomed, more = {}, false
for _, id in ipairs(ARGV[1] ~= '' and {ARGV[1]} or redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local held_fence, _, member = entry_of(id)
    if held_fence and tonumber(held_fence) <= tonumber(ARGV[2]) then
        more = #doomed == broken_at_once
        if more then break end
        local _, _, _, _, _, channel = parse_member(member)
        doomed[#doomed + 1] = {id, channel}
    end
end
if #doomed == 0 then return {0} end

-- First a write that a server out of memory does not refuse; then it refuses none (acquire.lua).
redis.call('PEXPIRE', KEYS[2], queue_kept_ms)
local fence = next_fence(KEYS[3], tonumber(ARGV[3]), '1')
for _, holder in ipairs(doomed) do
    push(holder[2], 'b', holder[1], fence)
    drop_holder(holder[1])
end
let_in(ARGV[5], capacity_of('') or 0, now, tonumber(ARGV[4]), '', fence, '0')
return {more and 2 or 1, fence}
