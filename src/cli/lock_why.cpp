// Chains, estimates, and both as text.
#include "cli/lock_why.hpp"

#include "base/duration.hpp"
#include "cli/json_quote.hpp"
#include "cli/lock_print.hpp"

#include <algorithm>
#include <sstream>

namespace holdfast::cli {
namespace {

constexpr std::size_t longest_chain = 32;

std::size_t place_in_queue(const lock_info& lock, const std::string& who) {
    for (std::size_t i = 0; i < lock.queue.size(); ++i)
        if (lock.queue[i].who == who) return i + 1;
    return 0;
}

// What a newcomer would be told.
std::string estimate_text(const lock_info& lock, const std::vector<past_owner>& before,
                          std::size_t place) {
    const auto span = estimate(lock, before, place);
    return span ? ", about " + format_duration(*span) + " to go" : "";
}

std::string link_text(const lock_info& lock) {
    if (!lock.held) return "nobody has " + lock.name;
    return holder_text(lock) + " has " + lock.name +
           (lock.held_for ? " since " + format_duration(*lock.held_for) : "") +
           (lock.ends_in ? ", for another " + format_duration(*lock.ends_in) + " unless extended"
                         : ", without an end");
}

}  // namespace

wait_chain follow(const std::vector<lock_info>& all, const lock_info& first) {
    wait_chain chain{{{first, 0}}};
    while (chain.links.size() < longest_chain) {
        const auto& last = chain.links.back().lock;
        if (!last.held || last.foreign) break;
        const auto holder = last.who;
        const auto waits = [&](const lock_info& l) { return place_in_queue(l, holder) > 0; };
        const auto next = std::ranges::find_if(all, waits);
        if (next == all.end()) break;
        const auto known = [&](const chain_link& l) { return l.lock.name == next->name; };
        chain.circular = std::ranges::any_of(chain.links, known);
        if (chain.circular) break;
        chain.links.push_back({*next, place_in_queue(*next, holder)});
    }
    return chain;
}

std::optional<milliseconds> estimate(const lock_info& lock, const std::vector<past_owner>& before,
                                     std::size_t place) {
    std::vector<milliseconds> holds;
    for (const auto& one : before)
        if (one.held_for) holds.push_back(*one.held_for);
    if (!lock.held || (holds.empty() && !lock.mean_hold)) return std::nullopt;
    std::ranges::sort(holds);
    const auto usual = lock.mean_hold ? std::chrono::round<milliseconds>(*lock.mean_hold)
                                      : holds[holds.size() / 2];
    const auto left = std::max(usual - lock.held_for.value_or(milliseconds{0}), milliseconds{0});
    return left + usual * static_cast<std::int64_t>(place - 1);
}

std::string why_text(const wait_chain& chain, const std::vector<past_owner>& before) {
    std::ostringstream out;
    const auto& first = chain.links.front().lock;
    out << link_text(first) << '\n';
    for (std::size_t i = 0; i < first.queue.size(); ++i) {
        const auto& waiter = first.queue[i];
        const auto waited = std::chrono::floor<milliseconds>(waiter.waited);
        out << "  " << i + 1 << ". " << waiter.who << " waits for " << format_duration(waited)
            << estimate_text(first, before, i + 1) << '\n';
    }
    if (first.held)
        out << "  " << first.queue_length + 1 << ". is your place"
            << estimate_text(first, before, first.queue_length + 1) << '\n';
    for (std::size_t i = 1; i < chain.links.size(); ++i)
        out << holder_text(chain.links[i - 1].lock) << " itself waits for "
            << chain.links[i].lock.name << " in place " << chain.links[i].position << "; "
            << link_text(chain.links[i].lock) << '\n';
    if (chain.circular)
        out << holder_text(chain.links.back().lock)
            << " waits for a lock of this chain: a deadlock; break one of them with holdfast lock "
               "break\n";
    return out.str();
}

std::string why_json(const wait_chain& chain, const std::vector<past_owner>& before) {
    std::ostringstream out;
    const auto& first = chain.links.front().lock;
    out << "{\"deadlock\":" << (chain.circular ? "true" : "false")
        << ",\"your_place\":" << (first.held ? first.queue_length + 1 : 0)
        << ",\"estimate_ms\":" << span_json(estimate(first, before, first.queue_length + 1))
        << ",\"chain\":[";
    const char* comma = "";
    for (const auto& link : chain.links) {
        out << comma << "{\"place\":" << link.position << ",\"lock\":" << to_json(link.lock) << '}';
        comma = ",";
    }
    out << "]}";
    return out.str();
}

}  // namespace holdfast::cli
