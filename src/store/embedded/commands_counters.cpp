// Commands that count in a string value.
#include "store/embedded/commands.hpp"
#include "store/embedded/number.hpp"

#include <limits>
#include <string>

namespace holdfast::embedded {
namespace {

answer add(context& c, std::string_view key, std::int64_t by) {
    const auto found = c.keys.find<string_value>(key);
    if (found.wrong_type) return errors::wrong_type();
    const auto before = found ? parse_integer(*found) : 0;
    if (!before) return errors::not_integer();
    std::int64_t after = 0;
    if (__builtin_add_overflow(*before, by, &after)) return errors::overflow();
    c.keys.make<string_value>(key) = std::to_string(after);
    c.keys.changed();
    return answer::integer(after);
}

answer incr(context& c, arguments args) { return add(c, args[1], 1); }
answer decr(context& c, arguments args) { return add(c, args[1], -1); }

answer incrby(context& c, arguments args) {
    const auto by = parse_integer(args[2]);
    return by ? add(c, args[1], *by) : errors::not_integer();
}

answer decrby(context& c, arguments args) {
    const auto by = parse_integer(args[2]);
    if (!by) return errors::not_integer();
    if (*by == std::numeric_limits<std::int64_t>::min())
        return answer::error("ERR decrement would overflow");
    return add(c, args[1], -*by);
}

constexpr unsigned growing = command::write | command::needs_memory;
constexpr command all[] = {
    {"incr", 2, growing, incr},
    {"decr", 2, growing, decr},
    {"incrby", 3, growing, incrby},
    {"decrby", 3, growing, decrby},
};

}  // namespace

std::span<const command> counter_commands() { return all; }

}  // namespace holdfast::embedded
