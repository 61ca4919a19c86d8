// Why one waits, or would wait, for a name: one reason, for every member of the lock family. Pure.
#pragma once

#include "holdfast/name_info.hpp"

#include <cstdint>
#include <string>

namespace holdfast::cli {

/// Who asks: somebody who comes now, or a waiter that stands in the queue already.
struct asker {
    bool shared = false;        ///< as a reader
    std::uint32_t permits = 1;  ///< of a semaphore
    std::string owner = {};     ///< owner id of a waiter; empty: somebody who comes now
};

struct wait_reason {
    /// Stable: free, held, foreign_holder, cool_down, queued (others come first), readers, writer,
    /// intent, upgrade (readers leave, none comes in), permits (too few are free), capacity (more
    /// are wanted than there are), no_capacity, latch, barrier, not_waiting (the owner asked about
    /// stands in no queue here).
    std::string code;
    std::string sentence;     ///< the same for people, without a full stop
    std::uint64_t place = 0;  ///< in the queue, from 1; 0: would not wait, or there is none
};

wait_reason why_wait(const name_info& lock, const asker& who);

}  // namespace holdfast::cli
