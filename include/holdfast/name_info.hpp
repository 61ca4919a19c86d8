// What the store shows about one name, whichever member of the lock family it is.
#pragma once

#include "holdfast/lock_info.hpp"
#include "holdfast/sharing_info.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

/// What a name is at the moment. `none`: nobody holds it; some may wait for it all the same.
enum class lock_family { none, mutex, election, rw, semaphore, latch, barrier };

/// Stable machine name: "rw"; of none: "free".
std::string_view name_of(lock_family) noexcept;

/// What a latch or a barrier waits for.
struct meeting_info {
    std::uint64_t missing = 0;     ///< counts or parties that are still to come
    std::uint64_t wanted = 0;      ///< all of them
    std::uint64_t generation = 0;  ///< of a barrier: the one that gathers now, from 1
};

/// A look at one name. Old news by the time it arrives.
struct name_info {
    std::string name;
    lock_family kind = lock_family::none;
    lock_info mutex = {};           ///< holder and queue of a mutex or an election
    std::string leader_value = {};  ///< what the leader of an election said
    /// Holders and queue of a reader-writer lock or a semaphore. The queue alone of a latch (who
    /// waits) and of a barrier (who has arrived, and when it breaks unless they say more).
    sharing_info shares = {};
    meeting_info meeting = {};

    /// Somebody has a lease on it.
    bool held() const noexcept { return mutex.held || shares.holder_count > 0; }
    std::uint64_t waiting() const noexcept { return mutex.queue_length + shares.queue_length; }
};

}  // namespace holdfast
