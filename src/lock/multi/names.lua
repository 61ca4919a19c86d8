-- Several locks in one script: the functions of grant.lua see one name at a time.
--
-- Included, before fence.lua and grant.lua, by scripts whose KEYS are the four of each lock in turn
-- and whose ARGV 1 is how many locks there are; makes no reply of its own. `KEYS` is afterwards the
-- keys of the lock that at() chose.
local all_keys, names = KEYS, math.min(tonumber(ARGV[1]) or 0, math.floor(#KEYS / 4))
local KEYS = {}

local function at(i)
    for k = 1, 4 do KEYS[k] = all_keys[(i - 1) * 4 + k] end
end
