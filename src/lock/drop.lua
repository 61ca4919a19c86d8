-- Gives the lock up without handing it on. For a cluster slot that is being moved: there a script
-- of several keys gets TRYAGAIN as long as one of them is absent, one of a single key is served.
-- The first waiter takes the lock with its next question.
--
-- KEYS 1 lock
-- ARGV 1 owner id
-- Reply 1 released   0 it was not the caller's (or this is a repeat)
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
