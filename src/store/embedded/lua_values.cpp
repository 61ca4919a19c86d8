// Conversion between command answers and Lua values.
#include "store/embedded/lua_values.hpp"

#include <lua.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace holdfast::embedded {
namespace {

constexpr int deepest = 200;

void push_field(lua_State* L, const char* field, const std::string& text) {
    lua_createtable(L, 0, 1);
    lua_pushlstring(L, text.data(), text.size());
    lua_setfield(L, -2, field);
}

std::string_view text_at(lua_State* L, int index) {
    std::size_t size = 0;
    const char* data = lua_tolstring(L, index, &size);
    return {data, size};
}

// Statuses and errors travel as one line that ends at the first zero byte.
std::string one_line(std::string_view text) {
    std::string line(text.substr(0, text.find('\0')));
    std::replace(line.begin(), line.end(), '\r', ' ');
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
}

std::optional<answer> tagged(lua_State* L, const char* field, answer::kind type) {
    lua_pushstring(L, field);
    lua_rawget(L, -2);
    std::optional<answer> found;
    if (lua_type(L, -1) == LUA_TSTRING) {
        found.emplace();
        found->type = type;
        found->text = one_line(text_at(L, -1));
    }
    lua_pop(L, 1);
    return found;
}

answer take(lua_State* L, int depth);

answer table_at_top(lua_State* L, int depth) {
    if (auto error = tagged(L, "err", answer::kind::error)) return *error;
    if (auto status = tagged(L, "ok", answer::kind::status)) return *status;
    auto all = answer::array();
    all.items.reserve(lua_objlen(L, -1));
    for (int i = 1;; ++i) {
        lua_rawgeti(L, -1, i);
        if (lua_isnil(L, -1)) break;
        all.items.push_back(take(L, depth + 1));
    }
    lua_pop(L, 1);
    return all;
}

answer take(lua_State* L, int depth) {
    answer value;
    switch (lua_type(L, -1)) {
        case LUA_TSTRING: value = answer::bulk(text_at(L, -1)); break;
        case LUA_TNUMBER: value = answer::integer(lua_integer_of(lua_tonumber(L, -1))); break;
        case LUA_TBOOLEAN:
            value = lua_toboolean(L, -1) != 0 ? answer::integer(1) : answer::nil();
            break;
        case LUA_TTABLE:
            value = depth >= deepest || lua_checkstack(L, 4) == 0
                        ? answer::error("ERR reached lua stack limit")
                        : table_at_top(L, depth);
            break;
        default: break;
    }
    lua_pop(L, 1);
    return value;
}

}  // namespace

std::int64_t lua_integer_of(double number) noexcept {
    constexpr double limit = 9223372036854775808.0;
    if (std::isnan(number) || number >= limit || number < -limit)
        return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(number);
}

void push_answer(lua_State* L, const answer& from) {
    switch (from.type) {
        case answer::kind::nil: lua_pushboolean(L, 0); break;
        case answer::kind::integer: lua_pushnumber(L, static_cast<lua_Number>(from.number)); break;
        case answer::kind::bulk: lua_pushlstring(L, from.text.data(), from.text.size()); break;
        case answer::kind::status: push_field(L, "ok", from.text); break;
        case answer::kind::error: push_field(L, "err", from.text); break;
        case answer::kind::array:
            lua_checkstack(L, 4);
            lua_createtable(L, static_cast<int>(from.items.size()), 0);
            for (std::size_t i = 0; i < from.items.size(); ++i) {
                push_answer(L, from.items[i]);
                lua_rawseti(L, -2, static_cast<int>(i) + 1);
            }
            break;
    }
}

answer pop_answer(lua_State* L) { return take(L, 0); }

}  // namespace holdfast::embedded
