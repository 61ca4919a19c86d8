// Circles in who waits for whom.
#pragma once

#include "holdfast/name_info.hpp"

#include <string>
#include <vector>

namespace holdfast {

/// One circle: every agent waits for something that the next one has, the last for the first.
struct deadlock {
    struct wait {
        std::string agent;      ///< "host/pid#agent"
        std::string lock;       ///< what it waits for
        bool in_queue = false;  ///< the next agent stands before it in the queue, and holds nothing
    };
    std::vector<wait> circle;

    /// "host/1#a waits for y, held by host/1#b; host/1#b waits for x, held by host/1#a"; of one
    /// that stands in a queue: "waits for x, behind host/1#b".
    std::string text() const;
};

/// The agents among the waiters of these names that can never go on by themselves, as circles in
/// which they wait, each once and every one of them in a circle or waiting for one that is. Pure.
///
/// Seen are mutexes, elections, reader-writer locks (a reader behind a writer that waits too, an
/// upgrade) and semaphores: there only when permits are missing that nobody who can go on gives
/// back. An attempt for several locks needs all of them. An agent that named itself
/// (acquire_options::agent) is one node, whatever number of locks it holds; also over several
/// processes when the others give its name in full, as "host/pid#agent". Attempts without an agent
/// are nodes of their own, so a circle through them is not seen. Nor is one through a latch or a
/// barrier (nobody knows who is still to come), a plain client, or what is no lock. Whoever waits
/// with a time limit or is extended by nobody goes on by itself one day all the same.
std::vector<deadlock> find_deadlocks(const std::vector<name_info>& names);

}  // namespace holdfast
