-- Gives an unfinished run away: its lease ends now and any instance may adopt it.
-- KEYS[1] open runs  zset token -> lease end
-- ARGV[1] token  ARGV[2] fleet channel  ARGV[3] job
-- Reply {'RELEASED', 0}, also when it was somebody else's already
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  redis.call('ZADD', KEYS[1], '0', ARGV[1])
  pcall(redis.call, 'PUBLISH', ARGV[2], 'job free ' .. ARGV[3])
end
return {'RELEASED', 0}
