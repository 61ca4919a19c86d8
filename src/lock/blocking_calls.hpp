// What the blocking calls of the whole family have in common.
#pragma once

#include "holdfast/blocking_lease.hpp"
#include "holdfast/timeout.hpp"

#include <unistd.h>

#include <string>

namespace holdfast {

/// The calling thread, as deadlock detection and inspection name it.
inline acquire_options by_this_thread() {
    acquire_options options;
    options.agent = "thread-" + std::to_string(gettid());
    return options;
}

/// When to give up, for a span from now; one that is too long means never.
inline steady_time after(steady_time now, nanoseconds span) {
    return span >= steady_time::max() - now ? steady_time::max() : now + span;
}

/// What a blocking attempt came to: a hold, an empty one when the answer was "not now"; other
/// trouble is thrown.
inline blocking_lease hold_or_nothing(result<blocking_lease> taken, const lock_name& name) {
    if (taken) return std::move(*taken);
    const auto why = errc_of(taken.error());
    if (why == errc::busy || why == errc::timed_out) return {};
    throw boost::system::system_error(taken.error(), "lock " + name.str());
}

}  // namespace holdfast
