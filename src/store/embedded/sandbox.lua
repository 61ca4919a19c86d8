-- Builds the environment of scripts out of the plain libraries and `redis`: everything reachable is
-- read-only, and unknown globals are errors, as Redis has it.
-- ... = plain globals, redis, random, randomseed, format, max, min; returns environment, globals.
local plain, redis, random, randomseed, format, max, min = ...
local setmetatable, error, rawset, type, string_rep = setmetatable, error, rawset, type, string.rep
local pcall = pcall
local is_frozen = setmetatable({}, { __mode = 'k' })
local longest_string = 64 * 1024 * 1024

local function refuse() error('Attempt to modify a readonly table', 2) end

local function freeze(content)
    local proxy = setmetatable({}, { __index = content, __newindex = refuse, __metatable = false })
    is_frozen[proxy] = true
    return proxy
end

local function pick(from, names)
    local picked = {}
    for name in names:gmatch('%S+') do picked[name] = from[name] end
    return picked
end

local globals = pick(plain, 'assert error getmetatable ipairs next pairs rawequal rawget select ' ..
    'setmetatable tonumber tostring type unpack xpcall _VERSION')

function globals.rawset(t, k, v)
    if is_frozen[t] then error('Attempt to modify a readonly table', 2) end
    return rawset(t, k, v)
end

-- What redis.call raised reaches the catcher as text, as it did before Redis 7.
local function as_text(ok, raised, ...)
    if not ok and type(raised) == 'table' and type(raised.err) == 'string' then
        return false, raised.err
    end
    return ok, raised, ...
end
function globals.pcall(...) return as_text(pcall(...)) end

local strings = pick(plain.string, 'byte char find gmatch gsub len lower match reverse sub upper')
function strings.rep(s, n, ...)
    if #s * (type(n) == 'number' and n or 0) > longest_string then
        error('resulting string too large', 2)
    end
    return string_rep(s, n, ...)
end
strings.format = format
strings.gfind = strings.gmatch
local string_meta = getmetatable('')
string_meta.__index = strings
string_meta.__metatable = false

local maths = pick(plain.math, 'abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp ' ..
    'huge ldexp log log10 modf pi pow rad sin sinh sqrt tan tanh')
maths.mod = maths.fmod
maths.random = random
maths.randomseed = randomseed
maths.max, maths.min = max, min

globals.string = freeze(strings)
globals.math = freeze(maths)
globals.table = freeze(pick(plain.table, 'concat foreach foreachi getn insert maxn remove sort'))
globals.coroutine = freeze(pick(plain.coroutine, 'create resume running status wrap yield'))
globals.bit = freeze(pick(plain.bit,
    'arshift band bnot bor bswap bxor lshift rol ror rshift tobit tohex'))
globals.redis = freeze(redis)

setmetatable(globals, {
    __index = function(_, name)
        error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'",
              2)
    end,
})
local environment = freeze(globals)
globals._G = environment
return environment, globals
