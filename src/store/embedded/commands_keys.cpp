// Commands on keys of any type.
#include "store/embedded/commands.hpp"
#include "store/embedded/glob.hpp"
#include "store/embedded/number.hpp"

#include <charconv>
#include <optional>
#include <string>

namespace holdfast::embedded {
namespace {

answer del(context& c, arguments args) {
    std::size_t removed = 0;
    for (const auto key : args.subspan(1)) removed += c.keys.erase(key) ? 1 : 0;
    if (removed > 0) c.keys.changed();
    return answer::size(removed);
}

answer exists(context& c, arguments args) {
    std::size_t present = 0;
    for (const auto key : args.subspan(1)) present += c.keys.find(key) != nullptr ? 1 : 0;
    return answer::size(present);
}

answer type(context& c, arguments args) {
    const auto* found = c.keys.find(args[1]);
    return answer::status(found == nullptr ? "none" : type_name(found->value.data));
}

answer rename(context& c, arguments args) {
    auto* found = c.keys.find(args[1]);
    if (found == nullptr) return answer::error("ERR no such key");
    if (args[1] == args[2]) return answer::ok();
    auto moved = std::move(found->value.data);
    const auto expires_at = found->value.expires_at_ms;
    c.keys.erase(args[1]);
    c.keys.erase(args[2]);
    c.keys.set_expires_at(c.keys.put(args[2], std::move(moved)), expires_at);
    c.keys.changed();
    return answer::ok();
}

answer keys(context& c, arguments args) {
    auto all = answer::array();
    for (const auto& [id, e] : c.keys.keys())
        if (!c.keys.is_due(e.value) && glob_matches(args[1], e.key))
            all.items.push_back(answer::bulk(e.key));
    return all;
}

struct scan_options {
    std::string_view pattern = "*";
    std::string_view type;
    std::int64_t count = 10;
};

std::optional<answer> parse_scan_options(arguments args, scan_options& options) {
    for (std::size_t i = 2; i < args.size(); i += 2) {
        if (i + 1 >= args.size()) return errors::syntax();
        if (is_word(args[i], "count")) {
            const auto count = parse_integer(args[i + 1]);
            if (!count) return errors::not_integer();
            if (*count < 1) return errors::syntax();
            options.count = *count;
        } else if (is_word(args[i], "match")) {
            options.pattern = args[i + 1];
        } else if (is_word(args[i], "type")) {
            options.type = args[i + 1];
        } else {
            return errors::syntax();
        }
    }
    return std::nullopt;
}

// The cursor is the id of the last key looked at: keys present from start to end are given exactly
// once, whatever comes and goes between the calls.
answer scan(context& c, arguments args) {
    std::uint64_t cursor = 0;
    const auto* end = args[1].data() + args[1].size();
    const auto [stop, ec] = std::from_chars(args[1].data(), end, cursor);
    if (ec != std::errc{} || stop != end) return answer::error("ERR invalid cursor");
    scan_options options;
    if (auto refused = parse_scan_options(args, options)) return *refused;
    auto found = answer::array();
    const auto& all = c.keys.keys();
    auto i = all.after(cursor);
    for (; i != all.end() && options.count > 0; ++i, --options.count) {
        const auto& e = i->second;
        cursor = i->first;
        if (c.keys.is_due(e.value) || !glob_matches(options.pattern, e.key)) continue;
        if (!options.type.empty() && !is_word(options.type, type_name(e.value.data))) continue;
        found.items.push_back(answer::bulk(e.key));
    }
    auto both = answer::array();
    both.items.push_back(answer::bulk(i == all.end() ? "0" : std::to_string(cursor)));
    both.items.push_back(std::move(found));
    return both;
}

answer dbsize(context& c, arguments) { return answer::size(c.keys.keys().size()); }

constexpr command all[] = {
    {"del", -2, command::write, del},      {"unlink", -2, command::write, del},
    {"exists", -2, command::read, exists}, {"type", 2, command::read, type},
    {"rename", 3, command::write, rename}, {"keys", 2, command::read, keys},
    {"scan", -2, command::read, scan},     {"dbsize", 1, command::read, dbsize},
};

}  // namespace

std::span<const command> key_commands() { return all; }

}  // namespace holdfast::embedded
