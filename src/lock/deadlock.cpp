// Follows each agent from the lock it waits for to the holder of that lock.
#include "holdfast/deadlock.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace holdfast {
namespace {

/// "host/pid#agent" names an agent; without the last part two attempts of one process would be
/// taken for one, and a circle reported that is none. The owner id tells those apart.
std::string node(const std::string& who, const std::string& owner) {
    return who.find('#') == std::string::npos ? who + " (" + owner.substr(0, 8) + ")" : who;
}

struct edge {
    std::string lock;
    std::string to;
};
using graph = std::map<std::string, std::vector<edge>>;

graph waits_of(const std::vector<lock_info>& locks) {
    graph waits;
    for (const auto& lock : locks) {
        if (!lock.held || lock.foreign) continue;
        const auto holder = node(lock.who, lock.owner);
        for (const auto& waiter : lock.queue)
            waits[node(waiter.who, waiter.owner)].push_back({lock.name, holder});
    }
    return waits;
}

/// Collects the circles that begin and end at `start` and whose other nodes are all greater, so
/// that each circle is found from its least node only.
struct search {
    const graph& waits;
    const std::string& start;
    std::vector<deadlock::wait> path = {};
    std::set<std::string> on_path = {};
    std::set<std::string> exhausted = {};
    std::vector<deadlock>& found;

    bool visit(const std::string& agent) {
        const auto at = waits.find(agent);
        if (at == waits.end()) return false;
        bool closed = false;
        on_path.insert(agent);
        for (const auto& [lock, next] : at->second) {
            path.push_back({agent, lock});
            if (next == start) {
                found.push_back({path});
                closed = true;
            } else if (next > start && !on_path.contains(next) && !exhausted.contains(next)) {
                closed = visit(next) || closed;
            }
            path.pop_back();
        }
        on_path.erase(agent);
        if (!closed) exhausted.insert(agent);
        return closed;
    }
};

}  // namespace

std::string deadlock::text() const {
    std::string out;
    for (std::size_t i = 0; i < circle.size(); ++i) {
        const auto& next = circle[(i + 1) % circle.size()];
        out += (i == 0 ? "" : "; ") + circle[i].agent + " waits for " + circle[i].lock +
               ", held by " + next.agent;
    }
    return out;
}

std::vector<deadlock> find_deadlocks(const std::vector<lock_info>& locks) {
    const auto waits = waits_of(locks);
    std::vector<deadlock> found;
    for (const auto& [agent, edges] : waits) {
        search from{waits, agent, {}, {}, {}, found};
        from.visit(agent);
    }
    return found;
}

}  // namespace holdfast
