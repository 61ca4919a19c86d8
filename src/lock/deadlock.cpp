// Strikes out whoever can go on, again and again; who is left waits for somebody who is left.
#include "holdfast/deadlock.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>

namespace holdfast {
namespace {

/// "host/pid#agent" names an agent, and so does "host/pid#other-host/pid#agent" (one that works in
/// several processes). Without an agent two attempts of one process would be taken for one, and a
/// circle reported that is none: the owner id tells those apart.
std::string node(const std::string& who, const std::string& owner) {
    const auto mark = who.find('#');
    if (mark == std::string::npos) return who + " (" + owner.substr(0, 8) + ")";
    const auto whole = who.find('#', mark + 1) != std::string::npos;
    return whole ? who.substr(mark + 1) : who;
}

struct party {
    std::string agent;
    char mode = 'w';
    std::uint32_t weight = 1;
};

/// One name: who has it, and who waits in which order.
struct line {
    std::string lock;
    std::vector<party> holders;
    std::vector<party> queue;
    std::optional<std::uint32_t> capacity;  // permits are counted, modes do not matter
};

using agents = std::set<std::string>;

struct edge {
    std::string lock;
    std::string to;
    bool in_queue;
};
using edges = std::vector<edge>;

std::vector<party> parties(const std::vector<sharing_party>& all) {
    std::vector<party> out;
    for (const auto& one : all) out.push_back({node(one.who, one.owner), one.mode, one.weight});
    return out;
}

std::vector<line> lines_of(const std::vector<name_info>& names) {
    std::vector<line> lines;
    for (const auto& name : names) {
        line made{name.name, {}, {}, {}};
        if (name.kind == lock_family::rw || name.kind == lock_family::semaphore) {
            made.holders = parties(name.shares.holders);
            made.queue = parties(name.shares.queue);
            made.capacity = name.shares.capacity;
        } else if (name.mutex.held && !name.mutex.foreign) {
            made.holders.push_back({node(name.mutex.who, name.mutex.owner)});
            for (const auto& one : name.mutex.queue)
                made.queue.push_back({node(one.who, one.owner)});
        }
        lines.push_back(std::move(made));
    }
    return lines;
}

/// 'U', an intent holder that waits to become the writer: it wants to be alone, and nobody who asks
/// meanwhile is let in beside it.
bool exclude(char one, char other) {
    if (one == 'U' || other == 'U') return true;
    return one == 'w' || other == 'w' || (one == 'u' && other == 'u');
}

/// Those of `stuck` without whom the waiter at this place would have the lock one day.
edges blocked_by_modes(const line& at, std::size_t place, const agents& stuck) {
    const auto& waiter = at.queue[place];
    edges found;
    for (const auto& holder : at.holders)
        if (exclude(waiter.mode, holder.mode) && stuck.contains(holder.agent))
            found.push_back({at.lock, holder.agent, false});
    for (const auto& before : std::span(at.queue).first(place))
        if (exclude(waiter.mode, before.mode) && before.agent != waiter.agent &&
            stuck.contains(before.agent))
            found.push_back({at.lock, before.agent, true});
    return found;
}

/// The same for a holder that waits for the others to leave.
edges blocked_by_readers(const line& at, const party& upgrading, const agents& stuck) {
    edges found;
    for (const auto& holder : at.holders)
        if (&holder != &upgrading && stuck.contains(holder.agent))
            found.push_back({at.lock, holder.agent, false});
    return found;
}

/// The same where permits are counted and nobody is overtaken.
edges blocked_by_permits(const line& at, std::size_t place, const agents& stuck) {
    edges found;
    std::uint64_t taken = 0;
    for (const auto& holder : at.holders) {
        if (!stuck.contains(holder.agent)) continue;
        taken += holder.weight;
        found.push_back({at.lock, holder.agent, false});
    }
    for (std::size_t i = 0; i <= place; ++i) {
        const auto& waiter = at.queue[i];
        if (waiter.weight > *at.capacity) continue;  // it will be refused
        const bool too_many = taken + waiter.weight > *at.capacity;
        if (too_many && i == place) return found;
        if (too_many) return {{at.lock, waiter.agent, true}};
        if (!stuck.contains(waiter.agent)) continue;
        taken += waiter.weight;  // it would get them and keep them
        found.push_back({at.lock, waiter.agent, true});
    }
    return {};
}

std::map<std::string, edges> blocked(const std::vector<line>& lines, const agents& stuck) {
    std::map<std::string, edges> all;
    const auto add = [&](const party& who, const edges& found) {
        auto& mine = all[who.agent];
        mine.insert(mine.end(), found.begin(), found.end());
    };
    for (const auto& at : lines) {
        for (const auto& holder : at.holders)
            if (holder.mode == 'U') add(holder, blocked_by_readers(at, holder, stuck));
        for (std::size_t place = 0; place < at.queue.size(); ++place)
            add(at.queue[place], at.capacity ? blocked_by_permits(at, place, stuck)
                                             : blocked_by_modes(at, place, stuck));
    }
    std::erase_if(all, [](const auto& one) { return one.second.empty(); });
    return all;
}

/// From an agent that is stuck along the first thing it waits for, until the walk meets itself; the
/// circle begins with its least agent.
deadlock circle_from(std::string agent, const std::map<std::string, edges>& waits) {
    deadlock walk;
    const auto seen = [&] { return std::ranges::find(walk.circle, agent, &deadlock::wait::agent); };
    auto met = seen();
    for (; met == walk.circle.end(); met = seen()) {
        const auto& next = waits.at(agent).front();
        walk.circle.push_back({agent, next.lock, next.in_queue});
        agent = next.to;
    }
    walk.circle.erase(walk.circle.begin(), met);
    std::ranges::rotate(walk.circle,
                        std::ranges::min_element(walk.circle, {}, &deadlock::wait::agent));
    return walk;
}

}  // namespace

std::string deadlock::text() const {
    std::string out;
    for (std::size_t i = 0; i < circle.size(); ++i) {
        const auto& next = circle[(i + 1) % circle.size()];
        out += (i == 0 ? "" : "; ") + circle[i].agent + " waits for " + circle[i].lock +
               (circle[i].in_queue ? ", behind " : ", held by ") + next.agent;
    }
    return out;
}

std::vector<deadlock> find_deadlocks(const std::vector<name_info>& names) {
    const auto lines = lines_of(names);
    agents stuck;
    for (const auto& at : lines) {
        for (const auto& waiter : at.queue) stuck.insert(waiter.agent);
        for (const auto& holder : at.holders)
            if (holder.mode == 'U') stuck.insert(holder.agent);
    }
    auto waits = blocked(lines, stuck);
    while (waits.size() < stuck.size()) {
        stuck.clear();
        for (const auto& [agent, on] : waits) stuck.insert(agent);
        waits = blocked(lines, stuck);
    }
    std::map<std::string, deadlock> found;
    for (const auto& agent : stuck) {
        auto circle = circle_from(agent, waits);
        found.try_emplace(circle.text(), std::move(circle));
    }
    std::vector<deadlock> all;
    for (auto& [text, one] : found) all.push_back(std::move(one));
    return all;
}

}  // namespace holdfast
