-- Lengthens the lease of every lock that is still held. Touches only the locks' own keys.
--
-- KEYS the locks
-- ARGV 1 owner id  2 lease ms
-- Reply {1}   all held for the whole lease from now
--       {0, index, …}   these (from 1) are not held by anybody   {2, index, …}   not held, and
--             somebody else has at least one of them
local answer, lost = 1, {}
for i, key in ipairs(KEYS) do
    local holder = redis.pcall('GET', key)
    if holder == ARGV[1] then
        redis.call('PEXPIRE', key, ARGV[2])
    else
        if holder then answer = 2 elseif answer == 1 then answer = 0 end
        lost[#lost + 1] = i
    end
end
return {answer, unpack(lost)}
