// A graph of lock names, walked depth first.
#include "lock/lock_order.hpp"

#include "base/log.hpp"

#include <algorithm>

namespace holdfast {

bool lock_orders::leads(const std::string& from, const std::string& to) const {
    std::vector<std::string> open{from};
    std::set<std::string> seen{from};
    while (!open.empty()) {
        const auto at = after_.find(open.back());
        open.pop_back();
        if (at == after_.end()) continue;
        for (const auto& next : at->second) {
            if (next == to) return true;
            if (seen.insert(next).second) open.push_back(next);
        }
    }
    return false;
}

// Nobody listens to the journal, and somebody asked for warnings: a debug build, as a rule.
void lock_orders::say(const event& risk) {
    const logger log(log_level::warn, log_format::text);
    log.warn(name_of(risk.kind), {{"lock", std::string(risk.subject)},
                                  {"taken_after", std::string(risk.detail)},
                                  {"agent", std::string(risk.who)},
                                  {"why",
                                   "elsewhere they are taken in the opposite order; two that "
                                   "do so at once wait for each other for ever"}});
}

void lock_orders::taken(const std::string& agent, const lease& what) {
    if (!enabled_ || agent.empty()) return;
    const auto& name = what.name().str();
    auto& mine = by_agent_[agent];
    for (const auto& before : mine) {
        if (before == name || !after_[before].insert(name).second) continue;
        if (!leads(name, before)) continue;
        auto pair = std::minmax(before, name);
        if (!warned_.emplace(pair.first, pair.second).second) continue;
        const event risk{event_kind::lock_order, name, agent, what.fence().value(), before};
        events_.record(risk);
        if (&events_ == &null_journal()) say(risk);
    }
    mine.push_back(name);
    held_.emplace(what.owner(), holding{agent, name});
}

void lock_orders::left(const lease& what) {
    if (held_.empty()) return;
    const auto found = held_.find(what.owner());
    if (found == held_.end()) return;
    auto agent = by_agent_.find(found->second.agent);
    auto& locks = agent->second;
    locks.erase(std::ranges::find(locks, found->second.lock));
    if (locks.empty()) by_agent_.erase(agent);
    held_.erase(found);
}

}  // namespace holdfast
