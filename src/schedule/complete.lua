-- Ends a run: writes its ledger entry, frees the lease; or begins its next attempt in one step.
-- KEYS[1] register  hash <prefix>j:{job}      KEYS[2] open runs  zset token -> lease end (ms)
-- KEYS[3] run       hash token -> packed run  KEYS[4] ledger     zset entry -> fire time
-- KEYS[5] outputs   list "token\noutput", newest first
-- ARGV[1] token  ARGV[2] outcome  ARGV[3] exit code or ''  ARGV[4] duration (ms)  ARGV[5] detail
-- ARGV[6] output  ARGV[7] ledger entries to keep  ARGV[8] outputs to keep
-- ARGV[9] fleet channel  ARGV[10] job
-- ARGV[11] token of the next attempt, '' for none  ARGV[12] its lease (ms)  ARGV[13] fire time
-- ARGV[14] highest fence the caller has seen  ARGV[15] overlap
-- Reply {'DONE', 0}, again when repeated; {'NEXT', fence of the next attempt}, again when repeated;
--       {'LOST', 0}: this run is somebody else's by now, its end is recorded there
-- If its lease ended and another run was let in, the next attempt is left to whoever looks after
-- runs when that one is over ({'DONE', 0}); a run that has been replaced has none.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function int(n) return string.format('%.0f', n) end
local register, leases, runs, ledger, outputs = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local token, next_token = ARGV[1], ARGV[11]
local run = redis.call('HGET', runs, token)
if not run then
  local following = next_token ~= '' and redis.call('HGET', runs, next_token)
  if following then
    local ends = tonumber(redis.call('ZSCORE', leases, next_token) or '0')
    if ends <= now then return {'DONE', 0} end
    return {'NEXT', tonumber(string.match(following, '^[^\t]*\t([^\t]*)'))}
  end
  for _, entry in ipairs(redis.call('ZRANGEBYSCORE', ledger, ARGV[13], ARGV[13])) do
    local outcome, owner = string.match(entry,
        '^run\t' .. string.rep('[^\t]*\t', 9) .. '([^\t]*)\t.*\t(%w+)$')
    if owner == token and outcome ~= 'crashed' and outcome ~= 'handed_over' then
      return {'DONE', 0}
    end
  end
  return {'LOST', 0}
end
local f = {}
for v in string.gmatch(run .. '\t', '([^\t]*)\t') do f[#f + 1] = v end
local slot, fence, attempt, kind, node, claimed, started, _, gen = unpack(f)
local stored = redis.call('HGET', register, 'fence')
redis.call('ZADD', ledger, slot, table.concat({'run', slot, fence, attempt, kind, node, claimed,
           started, int(now), ARGV[4], ARGV[2], ARGV[3], ARGV[5], token}, '\t'))
redis.call('ZREMRANGEBYRANK', ledger, 0, -1 - tonumber(ARGV[7]))
if ARGV[6] ~= '' and tonumber(ARGV[8]) > 0 then
  redis.call('LPUSH', outputs, token .. '\n' .. ARGV[6])
  redis.call('LTRIM', outputs, 0, tonumber(ARGV[8]) - 1)
end
redis.call('HDEL', runs, token)
redis.call('ZREM', leases, token)
local another = ARGV[15] ~= 'allow' and redis.call('ZCOUNT', leases, '(' .. int(now), '+inf') > 0
if next_token == '' or (another and ARGV[15] == 'replace') then
  redis.call('HSET', register, 'done_at', int(now))
  pcall(redis.call, 'PUBLISH', ARGV[9], 'job done ' .. ARGV[10] .. ' ' .. slot .. ' ' .. fence)
  return {'DONE', 0}
end
local following = (tonumber(stored) or 0) + 1
if not stored or following <= tonumber(ARGV[14]) then
  following = math.max(t[1] * 1000000 + t[2], tonumber(ARGV[14]) + 1)
end
redis.call('HSET', register, 'fence', int(following))
redis.call('ZADD', leases, another and '0' or int(now + tonumber(ARGV[12])), next_token)
redis.call('HSET', runs, next_token, table.concat({slot, int(following), int(attempt + 1), kind,
           node, int(now), '0', ARGV[12], gen}, '\t'))
if another then
  pcall(redis.call, 'PUBLISH', ARGV[9], 'job free ' .. ARGV[10])
  return {'DONE', 0}
end
return {'NEXT', following}
