-- Spares the user table: of all nodes that would renew one session, one looks the user up.
-- KEYS: 1 lease (string, the id of who asked)
-- ARGV: 1 id of this attempt, 2 its length in ms
-- Reply: 1 for the one who looks, 0 for the others. Repeating it with the same id answers the same.
local holder = redis.call('GET', KEYS[1])
if holder then return holder == ARGV[1] and 1 or 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
