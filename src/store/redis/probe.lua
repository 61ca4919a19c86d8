-- Tries every command the scripts of Holdfast use, under the user's access list, and leaves nothing.
-- KEYS[1]  a key of ours that does not exist
-- ARGV[1]  a channel of ours that nobody listens to yet
-- Reply: the missing rules, as ACL SETUSER wants them: "+zadd", "~", "&" (the caller knows the names)
local key = KEYS[1]
local missing = {}

local function try(...)
  local answer = redis.pcall(...)
  if type(answer) ~= 'table' or not answer.err then return true end
  local text = answer.err
  if not (text:find('NOPERM', 1, true) or text:find('permission', 1, true)
          or text:find("script can't", 1, true)) then
    return true
  end
  if text:find('channel', 1, true) then missing[#missing + 1] = '&'
  elseif text:find('key', 1, true) then missing[#missing + 1] = '~'
  else missing[#missing + 1] = '+' .. string.lower((...)) end
  return false
end

try('TIME')
try('PUBLISH', ARGV[1], 'probe')
if not try('DEL', key) then return missing end
try('SET', key, '1', 'PX', '1000')
try('GET', key)
try('EXISTS', key)
try('PTTL', key)
try('PEXPIRE', key, '1000')
try('INCR', key)
try('DEL', key)
return missing
