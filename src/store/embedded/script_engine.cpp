// The Lua state: set up once, one script at a time.
#include "store/embedded/script_engine.hpp"

#include "embedded_scripts.hpp"
#include "store/embedded/lua_functions.hpp"
#include "store/embedded/lua_values.hpp"
#include "store/embedded/number.hpp"

#include <lua.hpp>

#include <cstdio>
#include <new>
#include <stdexcept>

namespace holdfast::embedded {
namespace {

constexpr int hook_interval = 10'000;

void open_library(lua_State* L, lua_CFunction open, const char* name) {
    lua_pushcfunction(L, open);
    lua_pushstring(L, name);
    lua_call(L, 1, 0);
}

std::size_t number_text(double number, std::array<char, 32>& out) {
    if (const auto whole = whole_digits(number, out)) return whole;
    return static_cast<std::size_t>(std::snprintf(out.data(), out.size(), "%.17g", number));
}

// What a script raised: a table with `err`, or text from Lua itself.
answer pop_raised(lua_State* L) {
    if (lua_type(L, -1) == LUA_TTABLE) {
        auto raised = pop_answer(L);
        return raised.is_error() ? raised
                                 : answer::error("ERR the script raised a table without err");
    }
    const char* text = lua_tostring(L, -1);
    auto raised = answer::error("ERR " + std::string(text != nullptr ? text : "unknown error"));
    lua_pop(L, 1);
    return raised;
}

}  // namespace

script_engine::script_engine() : script_engine(limits{}) {}

script_engine::script_engine(limits most) : lua_(luaL_newstate()), most_(most) {
    if (lua_ == nullptr) throw std::bad_alloc();
    luaJIT_setmode(lua_, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
    lua_functions::bind(lua_, *this);
    open_sandbox();
}

script_engine::~script_engine() { lua_close(lua_); }

void script_engine::open_sandbox() {
    open_library(lua_, luaopen_base, "");
    open_library(lua_, luaopen_string, "string");
    open_library(lua_, luaopen_table, "table");
    open_library(lua_, luaopen_math, "math");
    open_library(lua_, luaopen_bit, "bit");
    const auto text = scripts::embedded::sandbox.text;
    if (luaL_loadbuffer(lua_, text.data(), text.size(), "@sandbox") != 0)
        throw std::logic_error(lua_tostring(lua_, -1));
    lua_pushvalue(lua_, LUA_GLOBALSINDEX);
    lua_functions::push_redis(lua_, *this);
    lua_functions::push(lua_, *this, lua_functions::random);
    lua_functions::push(lua_, *this, lua_functions::seed);
    lua_pushcfunction(lua_, lua_functions::format);
    lua_pushcfunction(lua_, lua_functions::max);
    lua_pushcfunction(lua_, lua_functions::min);
    if (lua_pcall(lua_, 7, 2, 0) != 0) throw std::logic_error(lua_tostring(lua_, -1));
    globals_ = luaL_ref(lua_, LUA_REGISTRYINDEX);
    environment_ = luaL_ref(lua_, LUA_REGISTRYINDEX);
}

bool script_engine::push_compiled(const script& what, answer& failure) {
    const auto found = what.sha1.empty() ? compiled_.end() : compiled_.find(what.sha1);
    if (found != compiled_.end()) {
        lua_rawgeti(lua_, LUA_REGISTRYINDEX, found->second);
        return true;
    }
    if (luaL_loadbufferx(lua_, what.text.data(), what.text.size(), "@user_script", "t") != 0) {
        failure =
            answer::error(std::string("ERR Error compiling script: ") + lua_tostring(lua_, -1));
        lua_pop(lua_, 1);
        return false;
    }
    lua_rawgeti(lua_, LUA_REGISTRYINDEX, environment_);
    lua_setfenv(lua_, -2);
    if (!what.sha1.empty()) {
        lua_pushvalue(lua_, -1);
        compiled_.emplace(what.sha1, luaL_ref(lua_, LUA_REGISTRYINDEX));
    }
    return true;
}

void script_engine::set_global_list(const char* name, std::span<const std::string> items) {
    lua_createtable(lua_, static_cast<int>(items.size()), 0);
    for (std::size_t i = 0; i < items.size(); ++i) {
        lua_pushlstring(lua_, items[i].data(), items[i].size());
        lua_rawseti(lua_, -2, static_cast<int>(i) + 1);
    }
    lua_pushstring(lua_, name);
    lua_insert(lua_, -2);
    lua_rawset(lua_, -3);
}

bool script_engine::spend(std::uint64_t instructions) noexcept {
    spent_ += instructions;
    return spent_ <= most_.instructions;
}

bool script_engine::take_arguments(lua_State* L) {
    const int count = lua_gettop(L);
    const auto size = static_cast<std::size_t>(count);
    if (number_arguments_.size() < size) number_arguments_.resize(size);
    arguments_.clear();
    for (int i = 1; i <= count; ++i) {
        if (lua_type(L, i) == LUA_TNUMBER) {
            auto& text = number_arguments_[static_cast<std::size_t>(i - 1)];
            arguments_.emplace_back(text.data(), number_text(lua_tonumber(L, i), text));
        } else if (lua_type(L, i) == LUA_TSTRING) {
            std::size_t length = 0;
            const char* data = lua_tolstring(L, i, &length);
            arguments_.emplace_back(data, length);
        } else {
            return false;
        }
    }
    return true;
}

namespace {

// Once over a limit, every further instruction raises again, so pcall() in the script cannot go on.
void stop(lua_State* L, lua_Hook again, const char* why) {
    lua_sethook(L, again, LUA_MASKCOUNT, 1);
    luaL_error(L, "script killed: %s", why);
}

}  // namespace

answer script_engine::run(const script& what, std::span<const std::string> keys,
                          std::span<const std::string> args, context& on) {
    answer failure;
    if (!push_compiled(what, failure)) return failure;
    lua_rawgeti(lua_, LUA_REGISTRYINDEX, globals_);
    set_global_list("KEYS", keys);
    set_global_list("ARGV", args);
    lua_pop(lua_, 1);
    on_ = &on;
    spent_ = 0;
    seed_random(0);
    const lua_Hook count = [](lua_State* L, lua_Debug*) {
        auto& engine = lua_functions::bound_to(L);
        const lua_Hook same = lua_gethook(L);
        if (!engine.spend(hook_interval)) stop(L, same, "it ran too long");
        if (static_cast<std::size_t>(lua_gc(L, LUA_GCCOUNT, 0)) < engine.most_.memory_bytes / 1024)
            return;
        engine.spent_ = engine.most_.instructions;
        stop(L, same, "it used too much memory");
    };
    lua_sethook(lua_, count, LUA_MASKCOUNT, hook_interval);
    auto result = lua_pcall(lua_, 0, 1, 0) == 0 ? pop_answer(lua_) : pop_raised(lua_);
    on_ = nullptr;
    return result;
}

// The generator of drand48: Redis uses it so that a script draws the same numbers everywhere.
void script_engine::seed_random(std::int32_t seed) noexcept {
    random_state_ = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(seed)) << 16) | 0x330e;
}

double script_engine::next_random() noexcept {
    random_state_ = (random_state_ * 0x5deece66dULL + 0xb) & 0xffffffffffffULL;
    const auto drawn = static_cast<std::int32_t>(random_state_ >> 17);
    return static_cast<double>(drawn % 0x7fffffff) / 0x7fffffff;
}

}  // namespace holdfast::embedded
