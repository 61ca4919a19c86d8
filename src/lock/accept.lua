-- Takes a lease over from the process that offered it: owner id and fence change in this one step.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 side key
-- ARGV 1 the offered owner id  2 the new owner id  3 lease ms  4 the new member (grant.lua)
--      5 highest fence the caller knows, the offered one at least  6 "1" = raise the fence
-- Reply the new fence   held by the new owner, for the whole lease from now
--       0    the offered grant is not in force (any more)
-- @include fence.lua
-- @include grant.lua
local holder = redis.pcall('GET', KEYS[1])
if holder == ARGV[2] then
    local fence, mean = side_of(holder)
    if fence then
        raise_counter(KEYS[3], tonumber(ARGV[5]), ARGV[6])
    else
        fence = next_fence(KEYS[3], tonumber(ARGV[5]), ARGV[6])
    end
    set_holder(holder, fence, ARGV[4], ARGV[3], mean)
    return fence
end
if holder ~= ARGV[1] then return 0 end

local _, mean, _, channel = side_of(holder)
local fence = next_fence(KEYS[3], tonumber(ARGV[5]), ARGV[6])
if channel then
    redis.pcall('PUBLISH', channel, string.format('lock t %s %.0f %s', holder, fence, KEYS[1]))
end
set_holder(ARGV[2], fence, ARGV[4], ARGV[3], mean)
return fence
