-- One page of the side keys and queues below the prefix: the names held or waited for.
--
-- KEYS none
-- ARGV 1 cursor ("0" at first)  2 glob pattern  3 about how many keys to look at
-- Reply {next cursor ("0" = that was all), {key …}}
return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
