// Formatting only.
#include "cli/share_print.hpp"

#include "base/duration.hpp"
#include "cli/json_quote.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace holdfast::cli {
namespace {

milliseconds whole(microseconds span) { return std::chrono::floor<milliseconds>(span); }

const char* mode_text(const sharing_party& party) {
    switch (party.mode) {
        case 'r': return "shared";
        case 'u': return "shared, with the intent to write";
        default: return "exclusive";
    }
}

std::string start_of_json(const sharing_party& party) {
    return "{\"owner\":" + json_quote(party.owner) + ",\"who\":" + json_quote(party.who) +
           ",\"mode\":" + json_quote(mode_text(party));
}

}  // namespace

std::string holders_text(const sharing_info& lock) {
    if (lock.holders.size() == 1) return lock.holders.front().who + " has it";
    return std::to_string(lock.holders.size()) + " share it";
}

std::string text_of(const lock_name& name, const sharing_info& lock) {
    std::ostringstream out;
    out << "lock      " << name.str() << '\n';
    for (const auto& holder : lock.holders)
        out << "holder    " << holder.who << ", " << mode_text(holder) << ", fence "
            << holder.fence.value() << ", ends in "
            << format_duration(std::max(holder.ends_in, milliseconds{0})) << '\n';
    out << "waiting   " << lock.queue_length << '\n';
    for (const auto& waiter : lock.queue)
        out << "          " << waiter.who << " for " << format_duration(whole(waiter.waited))
            << ", ttl " << format_duration(waiter.ttl) << ", " << mode_text(waiter) << '\n';
    return out.str();
}

std::string to_json(const lock_name& name, const sharing_info& lock) {
    std::ostringstream out;
    out << "{\"name\":" << json_quote(name.str()) << ",\"held\":true,\"holders\":[";
    const char* comma = "";
    for (const auto& holder : lock.holders) {
        out << std::exchange(comma, ",") << start_of_json(holder)
            << ",\"fence\":" << holder.fence.value() << ",\"ends_in_ms\":" << holder.ends_in.count()
            << "}";
    }
    out << "],\"queue_length\":" << lock.queue_length << ",\"queue\":[";
    comma = "";
    for (const auto& waiter : lock.queue) {
        out << std::exchange(comma, ",") << start_of_json(waiter)
            << ",\"ttl_ms\":" << waiter.ttl.count()
            << ",\"waited_ms\":" << whole(waiter.waited).count() << "}";
    }
    out << "]}";
    return out.str();
}

}  // namespace holdfast::cli
