-- Several locks in one script: the functions of grant.lua see one name at a time.
--
-- Included, before fence.lua and grant.lua, by scripts whose KEYS are the four of each lock in
-- turn; uses no ARGV and makes no reply of its own. `KEYS` is afterwards the keys of the lock that
-- at() chose.
local all_keys, names = KEYS, math.floor(#KEYS / 4)
local KEYS = {}

local function at(i)
    for k = 1, 4 do KEYS[k] = all_keys[(i - 1) * 4 + k] end
end
