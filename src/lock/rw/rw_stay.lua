-- An upgrade is given up: the holder keeps its intent, and readers may come in again.
--
-- KEYS 1 lock  2 queue  3 fence counter  4 holders
-- ARGV 1 owner id of the intent holder  2 the attempt's id  3 highest fence the caller knows
--      4 "1" = raise the fence  5 provisional lease ms
-- Reply 1 undone   0 nothing to undo
-- @include ../fence.lua
-- @include ../shared/holders.lua
local id, attempt = ARGV[1], ARGV[2]
local now = math.floor(server_us() / 1000)
if not settle('rw', now) then return 0 end
local undone = 0
local fence, upgraded_by, member = entry_of(id)
local waiting = redis.call('HGET', KEYS[4], 'upgrade')
if waiting and string.sub(waiting, 1, #attempt) == attempt then
    redis.call('HDEL', KEYS[4], 'upgrade')
    undone = 1
elseif fence and upgraded_by == attempt then
    redis.call('HINCRBY', KEYS[4], '#w', -1)
    redis.call('HINCRBY', KEYS[4], '#u', 1)
    write_entry(id, fence, '', (string.gsub(member, '^(%x+|%d+|)w', '%1u')))
    undone = 1
end
if undone == 1 then
    let_in('rw', 0, now, tonumber(ARGV[5]), '', tonumber(ARGV[3]), ARGV[4])
end
return undone
