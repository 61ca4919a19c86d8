// string.format as Lua 5.1 has it: LuaJIT formats numbers itself and rounds some halves otherwise.
#include "store/embedded/lua_functions.hpp"
#include "store/embedded/lua_values.hpp"
#include "store/embedded/number.hpp"

#include <lua.hpp>

#include <cstdio>
#include <cstring>
#include <string_view>

namespace holdfast::embedded {
namespace {

constexpr std::size_t longest_item = 512;  // "%99.99f" of the largest double
constexpr std::size_t longest_spec = 16;

// Copies one directive up to its letter, with "l" put before integer letters.
const char* read_spec(lua_State* L, const char* at, char* spec) {
    const char* start = at;
    while (*at != '\0' && std::strchr("-+ #0", *at) != nullptr) ++at;
    if (at - start > 5) luaL_error(L, "invalid format (repeated flags)");
    const auto digits = [&at] {
        for (int i = 0; i < 2 && *at >= '0' && *at <= '9'; ++i) ++at;
    };
    digits();
    if (*at == '.') {
        ++at;
        digits();
    }
    if (*at >= '0' && *at <= '9') luaL_error(L, "invalid format (width or precision too long)");
    *spec++ = '%';
    std::memcpy(spec, start, static_cast<std::size_t>(at - start));
    spec += at - start;
    if (*at != '\0' && std::strchr("diouxX", *at) != nullptr) *spec++ = 'l';
    *spec++ = *at;
    *spec = '\0';
    return at;
}

void add_quoted(lua_State* L, luaL_Buffer* out, int arg) {
    std::size_t size = 0;
    const char* text = luaL_checklstring(L, arg, &size);
    luaL_addchar(out, '"');
    for (; size > 0; --size, ++text) {
        switch (*text) {
            case '"':
            case '\\':
            case '\n':
                luaL_addchar(out, '\\');
                luaL_addchar(out, *text);
                break;
            case '\r': luaL_addlstring(out, "\\r", 2); break;
            case '\0': luaL_addlstring(out, "\\000", 4); break;
            default: luaL_addchar(out, *text);
        }
    }
    luaL_addchar(out, '"');
}

std::uint64_t unsigned_of(double number) {
    constexpr double half = 9223372036854775808.0;
    if (!(number >= half)) return static_cast<std::uint64_t>(lua_integer_of(number));
    return number < 2 * half ? static_cast<std::uint64_t>(number) : 0;
}

// A long string without a precision is not worth copying, nor would it fit.
void add_text(lua_State* L, luaL_Buffer* out, const char* spec, int arg) {
    std::size_t size = 0;
    const char* text = luaL_checklstring(L, arg, &size);
    char item[longest_item];
    if (std::strchr(spec, '.') == nullptr && size >= 100) {
        lua_pushvalue(L, arg);
        luaL_addvalue(out);
        return;
    }
    const int length = std::snprintf(item, sizeof item, spec, text);
    luaL_addlstring(out, item, static_cast<std::size_t>(length));
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

void add_item(lua_State* L, luaL_Buffer* out, char letter, const char* spec, int arg) {
    char item[longest_item];
    int length = 0;
    switch (letter) {
        case 'c':
            length =
                std::snprintf(item, sizeof item, spec, static_cast<int>(luaL_checknumber(L, arg)));
            break;
        case 'd':
        case 'i':
            length =
                std::snprintf(item, sizeof item, spec, lua_integer_of(luaL_checknumber(L, arg)));
            break;
        case 'o':
        case 'u':
        case 'x':
        case 'X':
            length = std::snprintf(item, sizeof item, spec, unsigned_of(luaL_checknumber(L, arg)));
            break;
        case 'e':
        case 'E':
        case 'f':
        case 'g':
        case 'G': length = std::snprintf(item, sizeof item, spec, luaL_checknumber(L, arg)); break;
        case 'q': add_quoted(L, out, arg); return;
        case 's': add_text(L, out, spec, arg); return;
        default: luaL_error(L, "invalid option '%%%c' to 'format'", letter);
    }
    luaL_addlstring(out, item, static_cast<std::size_t>(length));
}

#pragma GCC diagnostic pop

// "%.0f" of a whole number, as nearly every script writes its numbers; false for any other number.
bool add_whole(luaL_Buffer* out, double number) {
    char item[24];
    const auto size = whole_digits(number, item);
    if (size == 0) return false;
    luaL_addlstring(out, item, size);
    return true;
}

}  // namespace

int lua_functions::format(lua_State* L) {
    std::size_t size = 0;
    const char* at = luaL_checklstring(L, 1, &size);
    const char* const end = at + size;
    int arg = 1;
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (; at < end; ++at) {
        if (*at != '%') {
            luaL_addchar(&out, *at);
        } else if (*++at == '%') {
            luaL_addchar(&out, '%');
        } else if (std::string_view(at, end).starts_with(".0f") &&
                   add_whole(&out, luaL_checknumber(L, arg + 1))) {
            at += 2;
            ++arg;
        } else {
            char spec[longest_spec];
            at = read_spec(L, at, spec);
            add_item(L, &out, *at, spec, ++arg);
        }
    }
    luaL_pushresult(&out);
    return 1;
}

}  // namespace holdfast::embedded
