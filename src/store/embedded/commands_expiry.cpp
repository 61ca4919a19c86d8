// Commands on when keys expire.
#include "store/embedded/commands.hpp"
#include "store/embedded/expire_option.hpp"
#include "store/embedded/number.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace holdfast::embedded {
namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

bool in_seconds(expire_option::unit u) noexcept {
    return u == expire_option::unit::seconds_from_now || u == expire_option::unit::unix_seconds;
}
bool relative(expire_option::unit u) noexcept {
    return u == expire_option::unit::seconds_from_now || u == expire_option::unit::ms_from_now;
}

}  // namespace

std::optional<expire_option::unit> expire_unit(std::string_view word) noexcept {
    if (is_word(word, "ex")) return expire_option::unit::seconds_from_now;
    if (is_word(word, "px")) return expire_option::unit::ms_from_now;
    if (is_word(word, "exat")) return expire_option::unit::unix_seconds;
    if (is_word(word, "pxat")) return expire_option::unit::unix_ms;
    return std::nullopt;
}

expire_instant expire_option::any_instant(std::int64_t now_ms, std::string_view command) const {
    auto number = parse_integer(amount);
    if (!number) return expire_instant(errors::not_integer());
    if (in_seconds(in)) {
        if (*number > most / 1000 || *number < least / 1000)
            return expire_instant(errors::expire_time(command));
        *number *= 1000;
    }
    if (!relative(in)) return expire_instant(*number);
    if (*number > most - now_ms) return expire_instant(errors::expire_time(command));
    return expire_instant(*number + now_ms);
}

expire_instant expire_option::instant(std::int64_t now_ms, std::string_view command) const {
    const auto number = parse_integer(amount);
    if (number && *number <= 0) return expire_instant(errors::expire_time(command));
    return any_instant(now_ms, command);
}

namespace {

answer expire_at(context& c, arguments args, expire_option::unit unit, std::string_view command) {
    const auto at = expire_option{unit, args[2]}.any_instant(c.keys.now_ms(), command);
    if (!at) return at.refusal();
    auto* found = c.keys.find(args[1]);
    if (found == nullptr) return answer::integer(0);
    if (*at <= c.keys.now_ms() && !c.keys.replaying()) {
        c.keys.erase(args[1]);
        c.keys.record({"DEL", args[1]});
    } else {
        c.keys.set_expires_at(*found, *at);
        c.keys.record({"PEXPIREAT", args[1], std::to_string(*at)});
    }
    return answer::integer(1);
}

answer expire(context& c, arguments args) {
    return expire_at(c, args, expire_option::unit::seconds_from_now, "expire");
}
answer pexpire(context& c, arguments args) {
    return expire_at(c, args, expire_option::unit::ms_from_now, "pexpire");
}
answer expireat(context& c, arguments args) {
    return expire_at(c, args, expire_option::unit::unix_seconds, "expireat");
}
answer pexpireat(context& c, arguments args) {
    return expire_at(c, args, expire_option::unit::unix_ms, "pexpireat");
}

answer persist(context& c, arguments args) {
    auto* found = c.keys.find(args[1]);
    if (found == nullptr || found->value.expires_at_ms == keyspace::never)
        return answer::integer(0);
    c.keys.set_expires_at(*found, keyspace::never);
    c.keys.changed();
    return answer::integer(1);
}

answer pttl(context& c, arguments args) {
    const auto* found = c.keys.find(args[1]);
    if (found == nullptr) return answer::integer(-2);
    if (found->value.expires_at_ms == keyspace::never) return answer::integer(-1);
    return answer::integer(std::max<std::int64_t>(0, found->value.expires_at_ms - c.keys.now_ms()));
}

answer ttl(context& c, arguments args) {
    auto left = pttl(c, args);
    if (left.number >= 0) left.number = (left.number + 500) / 1000;
    return left;
}

constexpr command all[] = {
    {"expire", 3, command::write, expire},
    {"pexpire", 3, command::write, pexpire},
    {"expireat", 3, command::write, expireat},
    {"pexpireat", 3, command::write, pexpireat},
    {"persist", 2, command::write, persist},
    {"pttl", 2, command::read, pttl},
    {"ttl", 2, command::read, ttl},
};

}  // namespace

std::span<const command> expiry_commands() { return all; }

}  // namespace holdfast::embedded
