// Formatting only.
#include "cli/lock_print.hpp"

#include "base/duration.hpp"
#include "base/write_json.hpp"
#include "cli/command.hpp"

#include <sstream>

namespace holdfast::cli {
namespace {

milliseconds whole(microseconds span) { return std::chrono::floor<milliseconds>(span); }

// A plain client may have written anything, of any length.
std::string owner_text(const lock_info& lock) {
    constexpr std::size_t most = 256;
    return one_line(lock.owner.substr(0, most)) + (lock.owner.size() > most ? "…" : "");
}

const char* truth(bool value) { return value ? "true" : "false"; }

}  // namespace

std::string span_text(const std::optional<milliseconds>& span) {
    return span ? format_duration(*span) : "-";
}

std::string span_json(const std::optional<milliseconds>& span) {
    return span ? std::to_string(span->count()) : "null";
}

std::string holder_text(const lock_info& lock) {
    if (!lock.held) return "nobody";
    return lock.foreign ? "another client" : lock.who;
}

std::string text_of(const lock_info& lock) {
    std::ostringstream out;
    out << "holder    " << holder_text(lock) << '\n';
    if (lock.held)
        out << "owner     " << owner_text(lock) << "\nfence     " << lock.fence.value()
            << "\nheld for  " << span_text(lock.held_for) << "\nends in   "
            << span_text(lock.ends_in) << '\n';
    if (lock.cool_down.count() > 0)
        out << "cool-down " << format_duration(lock.cool_down)
            << (lock.cools_down() ? ", has begun: the lease is over" : ", the last part of that")
            << '\n';
    if (!lock.trace.empty()) out << "trace     " << lock.trace << '\n';
    out << "waiting   " << lock.queue_length << '\n';
    for (const auto& waiter : lock.queue)
        out << "          " << waiter.who << " for " << format_duration(whole(waiter.waited))
            << ", ttl " << format_duration(waiter.ttl) << '\n';
    return out.str();
}

std::string json_of(const lock_info& lock) {
    std::ostringstream out;
    out << "\"held\":" << truth(lock.held) << ",\"foreign\":" << truth(lock.foreign)
        << ",\"owner\":" << json_quote(lock.owner) << ",\"who\":" << json_quote(lock.who)
        << ",\"fence\":" << lock.fence.value() << ",\"ends_in_ms\":" << span_json(lock.ends_in)
        << ",\"cool_down_ms\":" << lock.cool_down.count()
        << ",\"held_for_ms\":" << span_json(lock.held_for)
        << ",\"trace\":" << json_quote(lock.trace) << ",\"queue_length\":" << lock.queue_length
        << ",\"queue\":[";
    const char* comma = "";
    for (const auto& waiter : lock.queue) {
        out << comma << "{\"owner\":" << json_quote(waiter.owner)
            << ",\"who\":" << json_quote(waiter.who) << ",\"ttl_ms\":" << waiter.ttl.count()
            << ",\"waited_ms\":" << whole(waiter.waited).count()
            << ",\"trace\":" << json_quote(waiter.trace) << "}";
        comma = ",";
    }
    out << "]";
    return out.str();
}

who_parts parts_of(const std::string& who) {
    const auto mark = who.find('#');
    const auto process = who.substr(0, mark);
    who_parts parts{process, "", "", mark == who.npos ? "" : who.substr(mark + 1)};
    const auto first = process.find('/');
    if (first == process.npos) return parts;
    const auto second = process.find('/', first + 1);
    parts.host = process.substr(0, first);
    parts.pid = process.substr(first + 1, second - first - 1);
    if (second != process.npos) parts.build = process.substr(second + 1);
    return parts;
}

std::string parts_json(const std::string& who) {
    const auto parts = parts_of(who);
    return "\"host\":" + json_quote(parts.host) + ",\"pid\":" + json_quote(parts.pid) +
           ",\"build\":" + json_quote(parts.build) + ",\"agent\":" + json_quote(parts.agent);
}

std::string holder_lines(const lock_info& lock) {
    std::ostringstream out;
    const auto parts = parts_of(lock.who);
    if (!lock.held)
        out << "nobody has " << lock.name << '\n';
    else if (lock.foreign)
        out << "another client has " << lock.name << "; its value is " << owner_text(lock)
            << "; it ends in " << span_text(lock.ends_in) << '\n';
    else
        out << "host      " << parts.host << "\npid       " << parts.pid << "\nbuild     "
            << (parts.build.empty() ? "-" : parts.build) << "\nagent     "
            << (parts.agent.empty() ? "-" : parts.agent) << "\nowner     " << lock.owner
            << "\nfence     " << lock.fence.value() << "\nheld for  " << span_text(lock.held_for)
            << "\nends in   " << span_text(lock.ends_in) << ", unless extended\n";
    return out.str();
}

std::string holder_json(const lock_info& lock) {
    std::ostringstream out;
    out << "\"held\":" << truth(lock.held) << ",\"foreign\":" << truth(lock.foreign) << ','
        << parts_json(lock.who) << ",\"owner\":" << json_quote(lock.owner)
        << ",\"fence\":" << lock.fence.value() << ",\"held_for_ms\":" << span_json(lock.held_for)
        << ",\"ends_in_ms\":" << span_json(lock.ends_in);
    return out.str();
}

std::string past_line(const past_owner& one) {
    return "fence " + std::to_string(one.fence.value()) + "  " + one.who + "  " +
           format_duration(one.began) + " ago  " +
           (one.held_for ? "held " + format_duration(*one.held_for) + ", " + one.how
                         : std::string("no word of its end"));
}

std::string past_json(const past_owner& one) {
    return "{\"fence\":" + std::to_string(one.fence.value()) + ",\"who\":" + json_quote(one.who) +
           ",\"owner\":" + json_quote(one.owner) +
           ",\"began_ms\":" + std::to_string(one.began.count()) +
           ",\"held_for_ms\":" + span_json(one.held_for) + ",\"how\":" + json_quote(one.how) + "}";
}

}  // namespace holdfast::cli
