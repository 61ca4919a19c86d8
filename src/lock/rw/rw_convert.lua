-- Changes how a lock is held without giving it up: writer to intent or reader, intent to reader.
-- Those who fit beside the new mode are let in within the same step.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 holders
-- ARGV 1 owner id  2 new mode ("r" or "u")  3 highest fence the caller knows  4 "1" = raise the
--      fence  5 provisional lease ms
-- Reply 1 held in that mode (also by a repeat)   0 not held any more   2 not a step down
-- @include ../fence.lua
-- @include ../shared/holders.lua
local id, to = ARGV[1], ARGV[2]
local now = math.floor(server_us() / 1000)
if not settle('rw', now) then return 0 end
local fence, _, member = entry_of(id)
if not fence then return 0 end
local _, _, mode = parse_member(member)
if mode == to then return 1 end
if mode == 'r' or to == 'w' then return 2 end
redis.call('HDEL', KEYS[4], 'upgrade')  -- never refused, and so is nothing after it (acquire.lua)
redis.call('HINCRBY', KEYS[4], '#' .. mode, -1)
redis.call('HINCRBY', KEYS[4], '#' .. to, 1)
write_entry(id, fence, '', (string.gsub(member, '^(%x+|%d+|)' .. mode, '%1' .. to)))
let_in('rw', 0, now, tonumber(ARGV[5]), '', tonumber(ARGV[3]), ARGV[4])
return 1
