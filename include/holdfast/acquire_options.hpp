// How one attempt to take a lock waits, and what holding it then means.
#pragma once

#include "holdfast/lease.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace holdfast {

/// What a waiter knows of its wait. Old news by the time it arrives.
struct wait_status {
    std::uint64_t ahead = 0;                          ///< waiters before this one
    std::optional<milliseconds> estimate = {};        ///< until its turn; none: not known yet
    std::optional<milliseconds> holder_ends_in = {};  ///< if nobody extends; none: never
    bool foreign = false;                             ///< the holder is a plain SET NX client
    std::string holder_trace = {};  ///< what the present holder gave as its trace; empty: nothing
};

struct acquire_options {
    /// When to stop waiting. The store knows it too (as a span, by its own clock) and passes the
    /// lock over a waiter whose limit has gone by.
    steady_time give_up_at = steady_time::max();

    /// Priority: the attempt is served as if it had come so much earlier. It overtakes only those
    /// who came less than this before it, so however many attempts with a head start follow one
    /// another, a waiter without one is overtaken only by those that come within the longest head
    /// start after it. Not negative; an hour at most.
    milliseconds head_start{0};

    /// Called with every answer from the store while the attempt waits: at least once a heartbeat
    /// (a third of the ttl, 10 s at most). On the runtime's thread; must not throw.
    std::function<void(const wait_status&)> on_wait = {};

    /// Who takes it, within this process: a thread, a request, a job. Shown by inspection behind
    /// the process, and what find_deadlocks and lock-order warnings go by. Bars become slashes.
    std::string agent = {};

    /// Which piece of work it is for, in the words of a tracing system, such as a traceparent: up
    /// to 128 printable ASCII characters without blanks and bars. Whoever waits behind this
    /// attempt learns it (wait_status::holder_trace, the detail of the event lock.waiting) and can
    /// link the span of its wait to this holder's; inspection shows it. Nothing else is done with
    /// it.
    std::string trace = {};

    lock_terms terms = {};
};

}  // namespace holdfast
