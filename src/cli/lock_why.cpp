// Chains, estimates, and both as text.
#include "cli/lock_why.hpp"

#include "base/duration.hpp"
#include "base/write_json.hpp"
#include "cli/lock_print.hpp"
#include "cli/name_print.hpp"
#include "holdfast/deadlock.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace holdfast::cli {
namespace {

constexpr std::size_t longest_chain = 32;

struct waiter_line {
    std::string who;
    microseconds waited;
};

std::vector<waiter_line> queue_of(const name_info& lock) {
    std::vector<waiter_line> queue;
    for (const auto& one : lock.mutex.queue) queue.push_back({one.who, one.waited});
    for (const auto& one : lock.shares.queue) queue.push_back({one.who, one.waited});
    return queue;
}

std::vector<std::string> holders_of(const name_info& lock) {
    std::vector<std::string> holders;
    if (lock.mutex.held && !lock.mutex.foreign) holders.push_back(lock.mutex.who);
    for (const auto& one : lock.shares.holders) holders.push_back(one.who);
    return holders;
}

std::size_t place_in_queue(const name_info& lock, const std::string& who) {
    const auto queue = queue_of(lock);
    const auto found = std::ranges::find(queue, who, &waiter_line::who);
    return found == queue.end() ? 0 : static_cast<std::size_t>(found - queue.begin()) + 1;
}

bool upgrades(const name_info& lock, const std::string& who) {
    const auto does = [&](const auto& one) { return one.mode == 'U' && one.who == who; };
    return std::ranges::any_of(lock.shares.holders, does);
}

// What a newcomer would be told.
std::string estimate_text(const name_info& lock, const std::vector<past_owner>& before,
                          std::size_t place) {
    const auto span = estimate(lock.mutex, before, place);
    return span ? ", about " + format_duration(*span) + " to go" : "";
}

std::string link_text(const name_info& lock) {
    const auto ends_in = last_end(lock);
    return holder_text(lock) + " has " + lock.name +
           (lock.mutex.held_for ? " since " + format_duration(*lock.mutex.held_for) : "") +
           (ends_in ? ", for another " + format_duration(*ends_in) + " unless extended"
                    : ", without an end");
}

// "a itself waits for n in place 2; b has n …"
std::string step_text(const std::string& who, const chain_link& link) {
    const auto& lock = link.lock;
    if (lock.kind == lock_family::latch || lock.kind == lock_family::barrier)
        return who + " itself waits: " + why_wait(lock, {}).sentence;
    if (link.position == 0)
        return who + " itself waits to write " + lock.name + " until its readers have left";
    return who + " itself waits for " + lock.name + " in place " + std::to_string(link.position) +
           "; " + link_text(lock);
}

std::vector<std::string> deadlocks_of(const std::vector<name_info>& all,
                                      const std::vector<chain_link>& chain) {
    const auto in_chain = [&](const deadlock::wait& wait) {
        return std::ranges::any_of(chain, [&](const auto& l) { return l.lock.name == wait.lock; });
    };
    std::vector<std::string> texts;
    for (const auto& one : find_deadlocks(all))
        if (std::ranges::any_of(one.circle, in_chain)) texts.push_back(one.text());
    return texts;
}

}  // namespace

wait_chain follow(const std::vector<name_info>& all, const name_info& first) {
    wait_chain chain{{{first, 0}}};
    while (chain.links.size() < longest_chain) {
        const name_info* next = nullptr;
        std::size_t place = 0;
        std::string waiter;
        for (const auto& holder : holders_of(chain.links.back().lock)) {
            const auto waits = [&](const name_info& l) {
                return place_in_queue(l, holder) > 0 || upgrades(l, holder);
            };
            const auto found = std::ranges::find_if(all, waits);
            if (found == all.end()) continue;
            next = &*found;
            place = place_in_queue(*next, holder);
            waiter = holder;
            break;
        }
        if (next == nullptr) break;
        const auto known = [&](const chain_link& l) { return l.lock.name == next->name; };
        chain.circular = std::ranges::any_of(chain.links, known);
        if (chain.circular) break;
        chain.links.push_back({*next, place, waiter});
    }
    chain.deadlocks = deadlocks_of(all, chain.links);
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

std::string why_text(const wait_chain& chain, const asker& who,
                     const std::vector<past_owner>& before) {
    std::ostringstream out;
    const auto& first = chain.links.front().lock;
    const auto why = why_wait(first, who);
    out << why.sentence << '\n';
    std::size_t place = 0;
    for (const auto& waiter : queue_of(first)) {
        ++place;
        out << "  " << place << ". " << waiter.who << " waits for "
            << format_duration(std::chrono::floor<milliseconds>(waiter.waited))
            << estimate_text(first, before, place) << '\n';
    }
    if (why.place > 0 && who.owner.empty())
        out << "  " << why.place << ". is your place" << estimate_text(first, before, why.place)
            << '\n';
    for (std::size_t i = 1; i < chain.links.size(); ++i)
        out << step_text(chain.links[i].waiter, chain.links[i]) << '\n';
    for (const auto& one : chain.deadlocks)
        out << "a deadlock: " << one << "; break one of them with holdfast lock break\n";
    if (chain.circular && chain.deadlocks.empty())
        out << holder_text(chain.links.back().lock)
            << " waits for a lock of this chain: a deadlock if one and the same thread or request "
               "does both; locks that are taken in the name of an agent tell\n";
    return out.str();
}

std::string why_json(const wait_chain& chain, const asker& who,
                     const std::vector<past_owner>& before) {
    std::ostringstream out;
    const auto& first = chain.links.front().lock;
    const auto why = why_wait(first, who);
    const auto span = why.place > 0 ? estimate(first.mutex, before, why.place) : std::nullopt;
    out << "{\"deadlock\":" << (chain.deadlocks.empty() ? "false" : "true")
        << ",\"circular\":" << (chain.circular ? "true" : "false") << ",\"deadlocks\":[";
    const char* comma = "";
    for (const auto& one : chain.deadlocks) out << std::exchange(comma, ",") << json_quote(one);
    out << "],\"your_place\":" << why.place << ",\"estimate_ms\":" << span_json(span)
        << ",\"reason\":" << json_quote(why.code) << ",\"sentence\":" << json_quote(why.sentence)
        << ",\"chain\":[";
    comma = "";
    for (const auto& link : chain.links)
        out << std::exchange(comma, ",") << "{\"place\":" << link.position
            << ",\"lock\":" << to_json(link.lock) << '}';
    out << "]}";
    return out.str();
}

}  // namespace holdfast::cli
