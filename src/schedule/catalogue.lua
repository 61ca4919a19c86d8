-- The names of all jobs that were ever registered and not forgotten.
-- KEYS[1] names  set <prefix>j:names
-- ARGV[1] name to add, '' to only list
-- Reply {name, …}; the one added when one was given
if ARGV[1] ~= '' then
  redis.call('SADD', KEYS[1], ARGV[1])
  return {ARGV[1]}
end
return redis.call('SMEMBERS', KEYS[1])
