// The times of `holdfast run`: when its command is told to stop and when it is killed. Pure.
#pragma once

#include "holdfast/ids.hpp"
#include "holdfast/time.hpp"

namespace holdfast::cli {

/// All before the local end of the lease, which itself is before the store's.
struct run_plan {
    milliseconds kill_margin;  ///< from SIGKILL to the local end: time for a loaded machine
    milliseconds grace;        ///< from SIGTERM to SIGKILL

    /// A tenth of the ttl (at most a second) and a sixth of it (at most five). The keep-alive
    /// extends at a third, so both lie in the last third of a lease that was not extended.
    explicit run_plan(lease_ttl ttl);
};

}  // namespace holdfast::cli
