// Notices agents that take two locks in opposite orders, before they ever wait for each other.
#pragma once

#include "holdfast/journal.hpp"
#include "holdfast/lease.hpp"

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace holdfast {

/// The order in which the agents of one process nest locks: an edge from A to B when somebody took
/// B while holding A. A new edge that closes a circle is a risk of deadlock, also when nobody
/// waited this time.
class lock_orders {
public:
    lock_orders(journal& events, bool enabled) : events_(events), enabled_(enabled) {}

    /// `agent` has taken the lock. An empty agent is not watched.
    void taken(const std::string& agent, const lease& what);
    /// The lease has ended, however it ended. Unknown leases are ignored.
    void left(const lease& what);

private:
    struct holding {
        std::string agent;
        std::string lock;
    };
    static void say(const event& risk);
    bool leads(const std::string& from, const std::string& to) const;

    journal& events_;
    bool enabled_;
    std::unordered_map<owner_id, holding> held_;
    std::map<std::string, std::vector<std::string>> by_agent_;
    std::map<std::string, std::set<std::string>> after_;  // edges
    std::set<std::pair<std::string, std::string>> warned_;
};

}  // namespace holdfast
