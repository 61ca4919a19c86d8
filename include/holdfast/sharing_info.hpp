// What the store shows about a lock that may have several holders.
#pragma once

#include "holdfast/ids.hpp"
#include "holdfast/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast {

/// One holder or one waiter.
struct sharing_party {
    std::string owner;         ///< owner id of the attempt; a permit is released by it
    std::string who;           ///< "host/pid"
    std::string trace = {};    ///< acquire_options::trace
    char mode = 'r';           ///< r reader, u intent (U: upgrades), w writer, s permits, - meets
    std::uint32_t weight = 1;  ///< permits
    milliseconds ttl{};        ///< the lease it asked for
    fencing_token fence = {};  ///< of a holder
    milliseconds ends_in{};    ///< of a holder: negative when its lease has ended
    microseconds waited{};     ///< of a waiter
};

/// A look at one lock. Old news by the time it arrives: decide nothing with it that acquiring would
/// not decide better.
struct sharing_info {
    std::vector<sharing_party> holders = {};  ///< those whose leases end first, 100 at most
    std::uint64_t holder_count = 0;           ///< all of them
    std::vector<sharing_party> queue = {};    ///< the first waiters, in order
    std::uint64_t queue_length = 0;
    std::optional<std::uint32_t> capacity = {};  ///< of a semaphore: how many permits there are
    std::uint64_t in_use = 0;                    ///< the weights of the live holders
    fencing_token last_fence = {};               ///< none that was granted so far is higher
};

}  // namespace holdfast
