-- A mutex's holder becomes a reader, without a gap: the key changes from the owner's id to a list
-- of holders. Those who wait for shares are let in beside it; those who wait for the mutex are told
-- to ask again, and find out that the lock is shared now.
--
-- KEYS 1 lock  2 queue for shares  3 fence counter  4 holders  5 the mutex's queue  6 its side key
-- ARGV 1 owner id  2 lease ms  3 member (holders.lua)  4 fence of the mutex's lease: it stays
--      5 highest fence the caller knows  6 "1" = raise the fence  7 provisional lease ms
-- Reply 1 held as a reader, for the whole lease from now (also by a repeat)   0 not held any more
-- @include ../fence.lua
-- @include ../shared/holders.lua
local told_at_once = 256
local id, lease = ARGV[1], tonumber(ARGV[2])
local now = math.floor(server_us() / 1000)

if redis.pcall('GET', KEYS[1]) ~= id then
    if not settle('rw', now) or not entry_of(id) then return 0 end
    set_end(id, lease, now)
    keep_until_last_end(now)
    return 1
end
redis.call('DEL', KEYS[1], KEYS[4], KEYS[6])
add_holder('rw', id, ARGV[4], ARGV[3], lease, now)
let_in('rw', 0, now, tonumber(ARGV[7]), '', tonumber(ARGV[5]), ARGV[6])
for _, waiter in ipairs(redis.call('ZRANGE', KEYS[5], 0, told_at_once - 1)) do
    local attempt, channel = string.match(waiter, '^(%x+)|[^|]*|[^|]*|(.*)$')
    if attempt then push(channel, 'h', attempt, 0) end
end
return 1
