// The grammar of random Lua: what LuaJIT and Lua 5.1 must agree on.
#include "store/embedded/differential/random_commands.hpp"

namespace holdfast::test {
namespace {

using list = std::span<const std::string_view>;

std::string number(random_source& random) {
    static constexpr std::string_view all[] = {
        "0",   "1",   "-1", "3",   "10",    "2.5",  "-0.5", "1e15",  "2^53", "1e16", "123456789012",
        "0.1", "1/3", "-7", "255", "1e100", "2^31", "2^32", "-2^31", "1e-5"};
    return std::string(random.pick(all));
}

// Up to 14 digits: of longer ones LuaJIT rounds a half up where Lua 5.1 rounds to even.
std::string short_number(random_source& random) {
    static constexpr std::string_view all[] = {"0",    "1",   "-1",    "3",           "2.5",
                                               "-0.5", "0.1", "1e100", "123456789012"};
    return std::string(random.pick(all));
}

std::string text(random_source& random) {
    static constexpr std::string_view all[] = {"'a'",     "'abc'", "''",    "'10'",
                                               "'0x1F'",  "' 7 '", "'1e3'", "'x=1,y=2'",
                                               "'A\\0B'", "'%d'",  "'a.b'", "'-3.5'"};
    return std::string(random.pick(all));
}

std::string expression(random_source& random, int depth);

std::string numeric(random_source& random, int depth) {
    if (depth == 0) return number(random);
    const auto a = numeric(random, depth - 1);
    const auto b = numeric(random, depth - 1);
    switch (random.below(12)) {
        case 0: return "(" + a + " + " + b + ")";
        case 1: return "(" + a + " - " + b + ")";
        case 2: return "(" + a + " * " + b + ")";
        case 3: return "math.floor(" + a + ")";
        case 4: return "math.max(" + a + ", " + b + ")";
        case 5: return "math.ceil(" + a + ")";
        case 6: return "#" + text(random);
        case 7: return "(tonumber(" + text(random) + ") or " + a + ")";
        case 8: return "bit.band(" + number(random) + ", 255)";
        case 9: return "select('#', " + a + ", nil, nil)";
        case 10: return "(string.byte(" + text(random) + ") or 0)";
        default: return number(random);
    }
}

std::string textual(random_source& random, int depth) {
    if (depth == 0) return text(random);
    const auto t = textual(random, depth - 1);
    static constexpr std::string_view formats[] = {"%d",    "%.0f", "%g", "%5.2f", "%x",
                                                   "%.14g", "%s",   "%i", "%e"};
    static constexpr std::string_view patterns[] = {"%d+",   "(%w+)=(%w+)", ".",   "^a",
                                                    "[^,]*", "b$",          "%s*", "."};
    switch (random.below(11)) {
        case 0: return "(" + t + " .. " + textual(random, depth - 1) + ")";
        case 1: return "tostring(" + short_number(random) + ")";
        case 2:
            return "string.format('" + std::string(random.pick(formats)) + "', " + number(random) +
                   ")";
        case 3: return "string.sub(" + t + ", " + std::to_string(random.below(5)) + ", -2)";
        case 4: return "string.upper(" + t + ")";
        case 5: return "string.rep(" + t + ", 3)";
        case 6:
            return "string.gsub(" + t + ", '" + std::string(random.pick(patterns)) + "', '<%0>')";
        case 7:
            return "(string.match(" + t + ", '" + std::string(random.pick(patterns)) +
                   "') or 'no')";
        case 8: return "table.concat({" + t + ", " + short_number(random) + "}, ',')";
        case 9: return "type(" + expression(random, depth - 1) + ")";
        default: return text(random);
    }
}

std::string table(random_source& random, int depth) {
    if (depth == 0) return "{}";
    switch (random.below(7)) {
        case 0: return "{ok = " + text(random) + "}";
        case 1: return "{err = 'CODE ' .. " + text(random) + "}";
        case 2: return "{1, nil, 3}";
        case 3: return "redis.pcall('SET', " + number(random) + ", " + text(random) + ")";
        case 4: return "redis.pcall('INCRBY', 'n', " + number(random) + ")";
        case 5: return "redis.sha1hex(" + text(random) + ")";
        default: {
            std::string all = "{";
            for (auto n = random.below(4); n > 0; --n) all += expression(random, depth - 1) + ", ";
            return all + "}";
        }
    }
}

std::string expression(random_source& random, int depth) {
    static constexpr std::string_view constants[] = {"true",
                                                     "false",
                                                     "nil",
                                                     "{}",
                                                     "redis.error_reply('MINE no')",
                                                     "redis.error_reply('ONE')",
                                                     "redis.status_reply('FINE')",
                                                     "redis.error_reply('-X y')"};
    if (depth == 0) return random.one_in(2) ? number(random) : text(random);
    switch (random.below(8)) {
        case 0: return std::string(random.pick(constants));
        case 1:
        case 2: return numeric(random, depth);
        case 3:
        case 4: return textual(random, depth);
        case 5: return "(" + numeric(random, depth - 1) + " < " + numeric(random, depth - 1) + ")";
        default: return table(random, depth);
    }
}

}  // namespace

std::string random_expression_script(random_source& random) {
    return "return " + expression(random, 3);
}

}  // namespace holdfast::test
