// What the store shows about one lock.
#pragma once

#include "holdfast/ids.hpp"
#include "holdfast/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast {

struct lock_waiter {
    std::string owner;   ///< owner id of the attempt
    std::string who;     ///< "host/pid"
    milliseconds ttl{};  ///< the lease it wants, without a cool-down
    microseconds waited{};
    milliseconds head_start{};                     ///< its priority
    std::optional<milliseconds> gives_up_in = {};  ///< by the store's clock; none: never
    std::string trace = {};                        ///< acquire_options::trace
};

/// A look at one lock. Old news by the time it arrives: decide nothing with it that acquire() would
/// not decide better.
struct lock_info {
    std::string name;
    bool held = false;
    std::string owner = {};    ///< the value under the lock's key; empty: free
    bool foreign = false;      ///< the holder is a plain SET NX client, not Holdfast
    std::string who = {};      ///< "host/pid" of the holder; empty if foreign
    fencing_token fence = {};  ///< of the holder; 0 if foreign or free
    std::string trace = {};    ///< of the holder: acquire_options::trace
    /// Until somebody else may have it if nobody extends: the rest of the lease and the cool-down
    /// behind it. None: never, or free.
    std::optional<milliseconds> ends_in = {};
    milliseconds cool_down{};  ///< how much of the end of ends_in is no lease any more
    std::optional<milliseconds> held_for = {};   ///< none: not known (foreign, or for over a day)
    bool revoke_requested = false;               ///< somebody asked the holder to give it up
    std::optional<microseconds> mean_hold = {};  ///< of the last turns that others waited for
    std::uint64_t queue_length = 0;
    std::vector<lock_waiter> queue = {};  ///< its first waiters, in order

    /// The holder's lease is over, and nobody gets the lock yet.
    bool cools_down() const noexcept { return held && ends_in && *ends_in < cool_down; }
};

/// One who had the lock, out of its history (locker_options::history).
struct past_owner {
    std::string owner;  ///< owner id of the attempt
    std::string who;    ///< "host/pid"
    fencing_token fence;
    milliseconds began{};                       ///< so long ago, by the store's clock
    std::optional<milliseconds> held_for = {};  ///< none: it has it, or it died with it
    std::string how = {};  ///< "released" or why it was lost (lost_reason); empty as above
};

}  // namespace holdfast
