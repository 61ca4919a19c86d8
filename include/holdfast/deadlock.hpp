// Circles in who waits for whom.
#pragma once

#include "holdfast/lock_info.hpp"

#include <string>
#include <vector>

namespace holdfast {

/// One circle: every agent waits for a lock that the next one holds, the last for the first.
struct deadlock {
    struct wait {
        std::string agent;  ///< "host/pid#agent"
        std::string lock;   ///< what it waits for; the next agent holds it
    };
    std::vector<wait> circle;

    /// "host/1#a waits for y, held by host/1#b; host/1#b waits for x, held by host/1#a"
    std::string text() const;
};

/// Every circle among these locks, each once. Pure. An agent that named itself
/// (acquire_options::agent) is one node, whatever number of locks it holds; attempts without an
/// agent are nodes of their own, so a circle through them is not seen.
std::vector<deadlock> find_deadlocks(const std::vector<lock_info>& locks);

}  // namespace holdfast
