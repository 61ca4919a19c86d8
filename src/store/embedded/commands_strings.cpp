// Commands on string values, counters apart.
#include "store/embedded/commands.hpp"
#include "store/embedded/expire_option.hpp"
#include "store/embedded/number.hpp"

#include <optional>
#include <string>

namespace holdfast::embedded {
namespace {

constexpr std::size_t longest_string = 512U * 1024 * 1024;

answer value_or_nil(keyspace::typed<string_value> found) {
    if (found.wrong_type) return errors::wrong_type();
    return found ? answer::bulk(*found) : answer::nil();
}

answer get(context& c, arguments args) { return value_or_nil(c.keys.find<string_value>(args[1])); }

struct set_options {
    bool only_absent = false;
    bool only_present = false;
    bool keep_expiry = false;
    bool give_old = false;
    std::optional<expire_option> expire;
};

std::optional<set_options> parse_set_options(arguments args) {
    set_options options;
    for (std::size_t i = 3; i < args.size(); ++i) {
        const bool more = i + 1 < args.size();
        if (is_word(args[i], "nx") && !options.only_present) {
            options.only_absent = true;
        } else if (is_word(args[i], "xx") && !options.only_absent) {
            options.only_present = true;
        } else if (is_word(args[i], "get")) {
            options.give_old = true;
        } else if (is_word(args[i], "keepttl") && !options.expire) {
            options.keep_expiry = true;
        } else if (auto unit = expire_unit(args[i]);
                   unit && more && !options.keep_expiry &&
                   (!options.expire || options.expire->in == *unit)) {
            options.expire = expire_option{*unit, args[++i]};
        } else {
            return std::nullopt;
        }
    }
    return options;
}

// Stores the value with an absolute expiry and records exactly that.
void put_until(context& c, std::string_view key, std::string_view data, std::int64_t at_ms) {
    c.keys.set_expires_at(c.keys.put(key, string_value(data)), at_ms);
    c.keys.record({"SET", key, data, "PXAT", std::to_string(at_ms)});
}

answer set(context& c, arguments args) {
    const auto options = parse_set_options(args);
    if (!options) return errors::syntax();
    std::int64_t at_ms = keyspace::never;
    if (options->expire) {
        const auto at = options->expire->instant(c.keys.now_ms(), "set");
        if (!at) return at.refusal();
        at_ms = *at;
    }
    answer old;
    if (options->give_old) {
        old = value_or_nil(c.keys.find<string_value>(args[1]));
        if (old.is_error()) return old;
    }
    const bool present = c.keys.find(args[1]) != nullptr;
    if ((options->only_absent && present) || (options->only_present && !present)) return old;
    if (options->expire) {
        put_until(c, args[1], args[2], at_ms);
    } else {
        c.keys.put(args[1], string_value(args[2]), options->keep_expiry);
        if (options->keep_expiry)
            c.keys.record({"SET", args[1], args[2], "KEEPTTL"});
        else
            c.keys.record({"SET", args[1], args[2]});
    }
    return options->give_old ? old : answer::ok();
}

answer setnx(context& c, arguments args) {
    if (c.keys.find(args[1]) != nullptr) return answer::integer(0);
    c.keys.put(args[1], string_value(args[2]));
    c.keys.changed();
    return answer::integer(1);
}

answer set_for_a_while(context& c, arguments args, expire_option::unit unit,
                       std::string_view command) {
    const auto at = expire_option{unit, args[2]}.instant(c.keys.now_ms(), command);
    if (!at) return at.refusal();
    put_until(c, args[1], args[3], *at);
    return answer::ok();
}

answer setex(context& c, arguments args) {
    return set_for_a_while(c, args, expire_option::unit::seconds_from_now, "setex");
}
answer psetex(context& c, arguments args) {
    return set_for_a_while(c, args, expire_option::unit::ms_from_now, "psetex");
}

answer getdel(context& c, arguments args) {
    auto old = get(c, args);
    if (old.type == answer::kind::bulk) {
        c.keys.erase(args[1]);
        c.keys.record({"DEL", args[1]});
    }
    return old;
}

answer getset(context& c, arguments args) {
    auto old = get(c, args);
    if (old.is_error()) return old;
    c.keys.put(args[1], string_value(args[2]));
    c.keys.record({"SET", args[1], args[2]});
    return old;
}

answer append(context& c, arguments args) {
    const auto found = c.keys.find<string_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    const auto length = (found ? found->size() : 0) + args[2].size();
    if (length > longest_string)
        return answer::error("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    auto& text = c.keys.make<string_value>(args[1]);
    text += args[2];
    c.keys.changed();
    return answer::size(text.size());
}

answer strlen_of(context& c, arguments args) {
    const auto found = c.keys.find<string_value>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    return answer::size(found ? found->size() : 0);
}

answer mget(context& c, arguments args) {
    auto all = answer::array();
    for (const auto key : args.subspan(1)) {
        const auto found = c.keys.find<string_value>(key);
        all.items.push_back(found ? answer::bulk(*found) : answer::nil());
    }
    return all;
}

answer mset(context& c, arguments args) {
    if (args.size() % 2 == 0) return errors::arity("mset");
    for (std::size_t i = 1; i < args.size(); i += 2) c.keys.put(args[i], string_value(args[i + 1]));
    c.keys.changed();
    return answer::ok();
}

constexpr unsigned growing = command::write | command::needs_memory;
constexpr command all[] = {
    {"get", 2, command::read, get},
    {"set", -3, growing, set},
    {"setnx", 3, growing, setnx},
    {"setex", 4, growing, setex},
    {"psetex", 4, growing, psetex},
    {"getdel", 2, command::write, getdel},
    {"getset", 3, growing, getset},
    {"append", 3, growing, append},
    {"strlen", 2, command::read, strlen_of},
    {"mget", -2, command::read, mget},
    {"mset", -3, growing, mset},
};

}  // namespace

std::span<const command> string_commands() { return all; }

}  // namespace holdfast::embedded
