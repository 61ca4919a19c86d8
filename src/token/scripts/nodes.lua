-- Who has applied what: a logout may wait until no node can still answer from an older state.
-- KEYS: 1 nodes (hash: node id -> "seq born ms staleness")
-- ARGV: none
-- Reply: {now ms, [id, "seq born ms staleness", …]}; nodes silent for a minute are forgotten
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all = redis.call('HGETALL', KEYS[1])
local live = {}
for i = 1, #all, 2 do
    if tonumber(all[i + 1]:match('^%S+ %S+ (%d+)')) + 60000 < now then
        redis.call('HDEL', KEYS[1], all[i])
    else
        live[#live + 1] = all[i]
        live[#live + 1] = all[i + 1]
    end
end
return {string.format('%.0f', now), live}
