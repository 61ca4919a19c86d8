// redis.call and its company.
#include "store/embedded/lua_functions.hpp"

#include "base/encode.hpp"
#include "store/embedded/lua_values.hpp"
#include "store/embedded/script_engine.hpp"

#include <openssl/evp.h>
#include <lua.hpp>

#include <cmath>
#include <string>

namespace holdfast::embedded {
namespace {

char engine_key;  // its address is the registry key

std::string_view text_at(lua_State* L, int index) {
    std::size_t size = 0;
    const char* data = lua_tolstring(L, index, &size);
    return {data, size};
}

// A "-CODE text" keeps its code; text without one becomes ERR.
std::string error_text(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    return (text.find(' ') == text.npos ? "ERR " : "") + std::string(text);
}

void push_error(lua_State* L, std::string_view text) { push_answer(L, answer::error(text)); }

}  // namespace

void lua_functions::bind(lua_State* L, script_engine& engine) {
    lua_pushlightuserdata(L, &engine_key);
    lua_pushlightuserdata(L, &engine);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

script_engine& lua_functions::bound_to(lua_State* L) {
    lua_pushlightuserdata(L, &engine_key);
    lua_rawget(L, LUA_REGISTRYINDEX);
    auto* engine = static_cast<script_engine*>(lua_touserdata(L, -1));
    lua_pop(L, 1);
    return *engine;
}

void lua_functions::push(lua_State* L, script_engine& engine, lua_CFunction function) {
    lua_pushlightuserdata(L, &engine);
    lua_pushcclosure(L, function, 1);
}

script_engine& lua_functions::engine_of(lua_State* L) {
    return *static_cast<script_engine*>(lua_touserdata(L, lua_upvalueindex(1)));
}

// Leaves the answer on the stack; whether it is an error. Nothing with a destructor may be alive
// when the caller raises it, hence the function of its own.
bool lua_functions::run_command(lua_State* L) {
    auto& engine = engine_of(L);
    if (lua_gettop(L) == 0) {
        push_error(L, "ERR Please specify at least one argument for this redis lib call");
        return true;
    }
    if (!engine.take_arguments(L)) {
        push_error(L, "ERR Lua redis lib command arguments must be strings or integers");
        return true;
    }
    if (!engine.spend(script_engine::call_cost)) {
        push_error(L, "ERR script killed: it ran too long");
        return true;
    }
    const auto answered = execute(*engine.on_, engine.arguments_);
    push_answer(L, answered);
    return answered.is_error();
}

int lua_functions::call(lua_State* L) {
    if (run_command(L)) return lua_error(L);
    return 1;
}

int lua_functions::pcall(lua_State* L) {
    run_command(L);
    return 1;
}

int lua_functions::error_reply(lua_State* L) {
    if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING)
        push_error(L, "ERR wrong number or type of arguments");
    else
        push_error(L, error_text(text_at(L, 1)));
    return 1;
}

int lua_functions::status_reply(lua_State* L) {
    if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING)
        push_error(L, "ERR wrong number or type of arguments");
    else
        push_answer(L, answer::status(text_at(L, 1)));
    return 1;
}

int lua_functions::sha1hex(lua_State* L) {
    if (lua_gettop(L) != 1) return luaL_error(L, "wrong number of arguments");
    const auto text = lua_type(L, 1) == LUA_TSTRING || lua_type(L, 1) == LUA_TNUMBER
                          ? text_at(L, 1)
                          : std::string_view();
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
    const auto hex = hex_encode(std::as_bytes(std::span(digest, size)));
    lua_pushlstring(L, hex.data(), hex.size());
    return 1;
}

int lua_functions::log(lua_State* L) {
    if (lua_gettop(L) < 2) return luaL_error(L, "redis.log() requires two arguments or more.");
    if (lua_type(L, 1) != LUA_TNUMBER)
        return luaL_error(L, "First argument must be a number (log level).");
    const auto level = static_cast<int>(lua_tonumber(L, 1));
    if (level < 0 || level > 3) return luaL_error(L, "Invalid log level.");
    auto& engine = engine_of(L);
    if (!engine.log_) return 0;
    std::string message;
    for (int i = 2; i <= lua_gettop(L); ++i) {
        if (i > 2) message += ' ';
        message += text_at(L, i);
    }
    engine.log_(level, message);
    return 0;
}

int lua_functions::set_resp(lua_State* L) {
    if (lua_gettop(L) != 1 || lua_tonumber(L, 1) != 2)
        return luaL_error(L, "RESP version must be 2.");
    return 0;
}

// As Lua 5.1 compares, which shows when one of the numbers is NaN: LuaJIT's own answer differs.
int lua_functions::max(lua_State* L) {
    double most = luaL_checknumber(L, 1);
    for (int i = 2; i <= lua_gettop(L); ++i)
        if (const double next = luaL_checknumber(L, i); next > most) most = next;
    lua_pushnumber(L, most);
    return 1;
}

int lua_functions::min(lua_State* L) {
    double least = luaL_checknumber(L, 1);
    for (int i = 2; i <= lua_gettop(L); ++i)
        if (const double next = luaL_checknumber(L, i); next < least) least = next;
    lua_pushnumber(L, least);
    return 1;
}

int lua_functions::random(lua_State* L) {
    const double r = engine_of(L).next_random();
    const int given = lua_gettop(L);
    if (given == 0) {
        lua_pushnumber(L, r);
        return 1;
    }
    const auto low = given == 1 ? 1 : luaL_checkint(L, 1);
    const auto high = luaL_checkint(L, given == 1 ? 1 : 2);
    if (low > high) return luaL_argerror(L, given == 1 ? 1 : 2, "interval is empty");
    const double span = static_cast<double>(high) - static_cast<double>(low) + 1;
    lua_pushnumber(L, std::floor(r * span) + low);
    return 1;
}

int lua_functions::seed(lua_State* L) {
    engine_of(L).seed_random(luaL_checkint(L, 1));
    return 0;
}

void lua_functions::push_redis(lua_State* L, script_engine& engine) {
    static const luaL_Reg functions[] = {
        {"call", call},        {"pcall", pcall},   {"error_reply", error_reply},
        {"sha1hex", sha1hex},  {"log", log},       {"status_reply", status_reply},
        {"setresp", set_resp}, {nullptr, nullptr},
    };
    lua_newtable(L);
    for (const auto* f = functions; f->name != nullptr; ++f) {
        push(L, engine, f->func);
        lua_setfield(L, -2, f->name);
    }
    static const char* const levels[] = {"LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING"};
    for (int i = 0; i < 4; ++i) {
        lua_pushnumber(L, i);
        lua_setfield(L, -2, levels[i]);
    }
    lua_pushliteral(L, "7.0.15");
    lua_setfield(L, -2, "REDIS_VERSION");
    lua_pushnumber(L, 0x0007000f);
    lua_setfield(L, -2, "REDIS_VERSION_NUM");
}

}  // namespace holdfast::embedded
