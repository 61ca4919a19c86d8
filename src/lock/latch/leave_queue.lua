-- Leaves the queue of a latch.
--
-- KEYS 1 latch  2 queue
-- ARGV 1 member
-- Reply 1 left   0 had not been in it
return redis.call('ZREM', KEYS[2], ARGV[1])
