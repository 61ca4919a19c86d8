// Times of a rotation that refuses nobody: announced, used, and taken for a while after.
#include "cli/config/read_same_token.hpp"

#include "base/duration.hpp"

#include <algorithm>

namespace holdfast::cli {
namespace {

std::string read_name(yaml_map& section, const std::string& fallback) {
    auto name = section.text("token_name", fallback);
    const auto odd = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; };
    if (name.empty() || name.size() > 64 || std::ranges::any_of(name, odd))
        section.fail("token_name", "must be 1 to 64 bytes without spaces or control characters");
    return name;
}

// A token is announced, swapped and forgotten within half an interval, whenever a tick comes late.
void check_times(const same_token_config& same, const yaml_map& section) {
    if (same.interval % seconds{1} != milliseconds{0})
        section.fail("interval", "must be whole seconds");
    if (same.activate_delay >= same.interval)
        section.fail("activate_delay", "is not shorter than the interval; give less");
    if (same.activate_delay + same.overlap <= same.interval / 2) return;
    section.fail(section.has("overlap") ? "overlap" : "activate_delay",
                 "is too long: activate_delay and overlap, " +
                     format_duration(same.activate_delay + same.overlap) +
                     " together, may take half the interval, " +
                     format_duration(same.interval / 2));
}

}  // namespace

same_token_config read_same_token(yaml_map section) {
    same_token_config same;
    same.token_name = read_name(section, same.token_name);
    same.interval = section.duration("interval", same.interval, seconds{1}, hours{24});
    same.activate_delay =
        section.duration("activate_delay", std::min(same.activate_delay, same.interval / 8),
                         milliseconds{10}, minutes{10});
    same.overlap = section.duration("overlap", std::min(same.overlap, same.interval / 4),
                                    milliseconds{100}, hours{24});
    same.stale_if_error =
        section.duration("stale_if_error", same.stale_if_error, milliseconds{1}, hours{24});
    section.finish();
    check_times(same, section);
    return same;
}

}  // namespace holdfast::cli
