// When a held lease is extended and when it counts as lost. Pure.
#pragma once

#include "holdfast/lease.hpp"

#include <variant>

namespace holdfast {

/// The state of one lease's keep-alive.
struct keep_alive {
    lease_ttl ttl;
    nanoseconds stop_margin{0};
    steady_time valid_until{};
    steady_time extend_at{};
    unsigned failures = 0;

    keep_alive(const lease& held, nanoseconds margin);
    /// When the holder has to be told that it is over.
    steady_time deadline() const noexcept { return valid_until - stop_margin; }
};

namespace keep_alive_event {
struct tick {};  ///< some time passed
struct extended {
    steady_time asked_at;
};  ///< the store confirmed a request sent then
struct refused {
    lost_reason why;
};  ///< the store said no: taken_over or erased
struct unanswered {};  ///< no answer, or the store was not reached
struct broken {};      ///< told by push that somebody broke the lock
}  // namespace keep_alive_event

using any_keep_alive_event =
    std::variant<keep_alive_event::tick, keep_alive_event::extended, keep_alive_event::refused,
                 keep_alive_event::unanswered, keep_alive_event::broken>;

/// What to do next: exactly one of three.
struct keep_alive_action {
    enum class kind { sleep, extend, lost } what;
    steady_time until{};                     ///< of sleep; of extend: when to stop waiting for it
    lost_reason reason = lost_reason::none;  ///< of lost
};

/// Extends at a third of the ttl; after a failure again and again with short pauses; lost at the
/// deadline whatever the store does. A refusal that comes back after a request counts at once.
keep_alive_action keep_alive_step(keep_alive& state, const any_keep_alive_event& event,
                                  steady_time now);

}  // namespace holdfast
