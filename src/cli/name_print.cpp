// Formatting only: sends each kind to its own words.
#include "cli/name_print.hpp"

#include "base/duration.hpp"
#include "base/write_json.hpp"
#include "cli/lock_print.hpp"
#include "cli/share_print.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace holdfast::cli {
namespace {

bool is_shared(const name_info& lock) {
    return lock.kind == lock_family::rw || lock.kind == lock_family::semaphore;
}

bool meets(const name_info& lock) {
    return lock.kind == lock_family::latch || lock.kind == lock_family::barrier;
}

std::string kind_text(const name_info& lock) { return std::string(name_of(lock.kind)); }

// "1/3": what has come of what is wanted.
std::string progress(const meeting_info& met) {
    return std::to_string(met.wanted - std::min(met.missing, met.wanted)) + "/" +
           std::to_string(met.wanted);
}

std::string meeting_text(const name_info& lock) {
    std::ostringstream out;
    const bool barrier = lock.kind == lock_family::barrier;
    out << (barrier ? "arrived   " : "counted   ") << progress(lock.meeting) << '\n';
    if (barrier) out << "generation " << lock.meeting.generation << '\n';
    out << queue_text(lock.kind, lock.shares);
    return out.str();
}

std::string meeting_json(const name_info& lock) {
    const auto& met = lock.meeting;
    return "\"held\":false,\"missing\":" + std::to_string(met.missing) +
           ",\"wanted\":" + std::to_string(met.wanted) +
           ",\"generation\":" + std::to_string(met.generation) + "," + queue_json(lock.shares);
}

}  // namespace

std::string holder_text(const name_info& lock) {
    return lock.shares.holder_count > 0 ? holders_text(lock.shares) : holder_text(lock.mutex);
}

std::optional<milliseconds> last_end(const name_info& lock) {
    if (lock.shares.holders.empty()) return lock.mutex.ends_in;
    return std::max(lock.shares.holders.back().ends_in, milliseconds{0});
}

std::string line_of(const name_info& lock) {
    std::ostringstream out;
    const auto& shares = lock.shares;
    const auto fence = shares.holder_count > 0 ? shares.last_fence : lock.mutex.fence;
    out << lock.name << '\t' << holder_text(lock) << '\t' << "fence=" << fence.value() << '\t'
        << "held=" << span_text(lock.mutex.held_for) << '\t'
        << "ends_in=" << span_text(last_end(lock)) << '\t' << "waiting=" << lock.waiting() << '\t'
        << "kind=" << kind_text(lock);
    if (is_shared(lock)) out << "\tholders=" << shares.holder_count;
    if (lock.kind == lock_family::semaphore)
        out << "\tpermits=" << shares.in_use << '/' << shares.capacity.value_or(0);
    if (meets(lock)) out << "\tcome=" << progress(lock.meeting);
    return out.str();
}

std::string text_of(const name_info& lock) {
    std::ostringstream out;
    out << "lock      " << lock.name << "\nkind      " << kind_text(lock) << '\n';
    if (lock.kind == lock_family::election) out << "leader    " << lock.leader_value << '\n';
    if (is_shared(lock)) out << text_of(lock.kind, lock.shares);
    if (meets(lock)) out << meeting_text(lock);
    if (!is_shared(lock) && !meets(lock)) out << text_of(lock.mutex);
    return out.str();
}

std::string to_json(const name_info& lock) {
    std::ostringstream out;
    out << "{\"name\":" << json_quote(lock.name) << ",\"kind\":" << json_quote(kind_text(lock))
        << ',';
    if (lock.kind == lock_family::election)
        out << "\"leader\":" << json_quote(lock.leader_value) << ',';
    if (is_shared(lock))
        out << json_of(lock.shares);
    else
        out << (meets(lock) ? meeting_json(lock) : json_of(lock.mutex));
    return out.str() + "}";
}

std::string who_text(const name_info& lock, const std::vector<past_owner>& before) {
    std::string text = meets(lock) ? "nobody holds a " + kind_text(lock) + "\n" : std::string();
    if (is_shared(lock)) text = holder_lines(lock.kind, lock.shares);
    if (text.empty()) text = holder_lines(lock.mutex);
    for (const auto& one : before)
        if (!holds(lock, one.owner)) text += "before    " + past_line(one) + "\n";
    return text;
}

std::string who_json(const name_info& lock, const std::vector<past_owner>& before) {
    std::string text =
        "{\"name\":" + json_quote(lock.name) + ",\"kind\":" + json_quote(kind_text(lock)) + ",";
    text += is_shared(lock) ? holders_json(lock.shares) : holder_json(lock.mutex);
    text += ",\"before\":[";
    const char* comma = "";
    for (const auto& one : before)
        if (!holds(lock, one.owner)) text += std::exchange(comma, ",") + past_json(one);
    return text + "]}";
}

bool holds(const name_info& lock, const std::string& owner) {
    if (lock.mutex.held && lock.mutex.owner == owner) return true;
    return std::ranges::find(lock.shares.holders, owner, &sharing_party::owner) !=
           lock.shares.holders.end();
}

}  // namespace holdfast::cli
