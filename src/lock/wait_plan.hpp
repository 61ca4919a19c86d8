// When a waiter asks the store again although no push has come. Pure.
#pragma once

#include "holdfast/ids.hpp"
#include "holdfast/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace holdfast {

/// What the store last said to a waiter.
struct wait_view {
    std::int64_t position = 0;    ///< 0: next in line
    std::int64_t holder_ttl = 0;  ///< milliseconds; -1: the holder never ends; -2: nobody holds it
    bool foreign = false;         ///< the holder will push nothing when it goes
    unsigned foreign_polls = 0;   ///< how often in a row a foreign holder was found
    std::int64_t mean_hold = -1;  ///< microseconds that a turn lasts; -1: not known
    std::int64_t held_for = -1;   ///< milliseconds of the present turn; -1: not known
    std::string holder_trace = {};  ///< what the holder gave as its trace
};

/// How long to wait before the next question.
/// A lost push costs at most one heartbeat: a third of the lease, never more than 10 s (the queue
/// itself expires a minute after its last heartbeat). The head of the queue also wakes when the
/// holder's lease ends, since no script runs by itself at that instant. Only the head polls a
/// foreign holder, with back-off.
nanoseconds until_next_question(const wait_view& view, lease_ttl lease) noexcept;

/// When this waiter's turn comes if every turn lasts as long as the mean; none when not known.
std::optional<milliseconds> estimated_wait(const wait_view& view) noexcept;

/// Back-off after the n-th failure in a row (n from 1): 10 ms doubling to 1 s.
nanoseconds retry_delay(unsigned failures) noexcept;

}  // namespace holdfast
