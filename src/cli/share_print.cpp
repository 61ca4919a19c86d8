// Formatting only.
#include "cli/share_print.hpp"

#include "base/duration.hpp"
#include "base/write_json.hpp"
#include "cli/lock_print.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace holdfast::cli {
namespace {

milliseconds whole(microseconds span) { return std::chrono::floor<milliseconds>(span); }

std::string mode_text(const sharing_party& party) {
    switch (party.mode) {
        case 'r': return "shared";
        case 'u': return "shared, with the intent to write";
        case 'U': return "shared, and waits to write";
        case 's':
            return std::to_string(party.weight) + (party.weight == 1 ? " permit" : " permits");
        default: return "exclusive";
    }
}

const char* mode_word(const sharing_party& party) {
    switch (party.mode) {
        case 'r': return "shared";
        case 'u': return "intent";
        case 'U': return "upgrade";
        case 's': return "permits";
        case '-': return "meets";
        default: return "exclusive";
    }
}

std::string start_of_json(const sharing_party& party) {
    return "{\"owner\":" + json_quote(party.owner) + ",\"who\":" + json_quote(party.who) +
           ",\"mode\":" + json_quote(mode_word(party));
}

std::string end_of_json(const sharing_party& party) {
    return ",\"weight\":" + std::to_string(party.weight) + ",\"trace\":" + json_quote(party.trace) +
           "}";
}

milliseconds rest(const sharing_party& party) { return std::max(party.ends_in, milliseconds{0}); }

}  // namespace

std::string holders_text(const sharing_info& lock) {
    if (lock.holder_count == 1 && !lock.holders.empty()) return lock.holders.front().who;
    return std::to_string(lock.holder_count) + " share it";
}

std::string holder_lines(lock_family kind, const sharing_info& lock) {
    std::ostringstream out;
    for (const auto& holder : lock.holders)
        out << "holder    " << holder.who << ", " << mode_text(holder) << ", fence "
            << holder.fence.value() << ", ends in " << format_duration(rest(holder)) << ", owner "
            << holder.owner << '\n';
    if (lock.holder_count > lock.holders.size())
        out << "          and " << lock.holder_count - lock.holders.size() << " more\n";
    if (kind == lock_family::semaphore)
        out << "permits   " << lock.in_use << " of " << lock.capacity.value_or(0) << " in use\n";
    return out.str();
}

std::string queue_text(lock_family kind, const sharing_info& lock) {
    std::ostringstream out;
    out << "waiting   " << lock.queue_length << '\n';
    for (const auto& waiter : lock.queue) {
        out << "          " << waiter.who;
        if (kind == lock_family::barrier)
            out << ", breaks it in " << format_duration(rest(waiter)) << " unless it says more";
        else
            out << " for " << format_duration(whole(waiter.waited));
        if (waiter.ttl.count() > 0)
            out << ", ttl " << format_duration(waiter.ttl) << ", " << mode_text(waiter);
        out << '\n';
    }
    return out.str();
}

std::string text_of(lock_family kind, const sharing_info& lock) {
    return holder_lines(kind, lock) + queue_text(kind, lock);
}

std::string holders_json(const sharing_info& lock) {
    std::ostringstream out;
    out << "\"held\":" << (lock.holder_count > 0 ? "true" : "false") << ",\"holders\":[";
    const char* comma = "";
    for (const auto& holder : lock.holders)
        out << std::exchange(comma, ",") << start_of_json(holder)
            << ",\"fence\":" << holder.fence.value() << ",\"ends_in_ms\":" << holder.ends_in.count()
            << ',' << parts_json(holder.who) << end_of_json(holder);
    out << "],\"holder_count\":" << lock.holder_count << ",\"in_use\":" << lock.in_use
        << ",\"capacity\":" << (lock.capacity ? std::to_string(*lock.capacity) : "null");
    return out.str();
}

std::string queue_json(const sharing_info& lock) {
    std::ostringstream out;
    out << "\"queue_length\":" << lock.queue_length << ",\"queue\":[";
    const char* comma = "";
    for (const auto& waiter : lock.queue)
        out << std::exchange(comma, ",") << start_of_json(waiter)
            << ",\"ttl_ms\":" << waiter.ttl.count()
            << ",\"waited_ms\":" << whole(waiter.waited).count() << end_of_json(waiter);
    out << "]";
    return out.str();
}

std::string json_of(const sharing_info& lock) {
    return holders_json(lock) + "," + queue_json(lock);
}

}  // namespace holdfast::cli
