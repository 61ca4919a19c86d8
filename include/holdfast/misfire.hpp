// What to run now of the fire times that went by: the misfire policy as a pure function.
#pragma once

#include "holdfast/cron.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace holdfast {

/// What becomes of fire times that are late by more than `threshold`.
struct misfire_policy {
    enum class kind : std::uint8_t {
        skip,       ///< they are lost, and counted
        fire_once,  ///< one run, for the newest, stands for all of them
        fire_all,   ///< each is run, oldest first, but only the newest `max_runs`
    };
    kind what = kind::fire_once;
    std::size_t max_runs = 10;  ///< 1 to 1000; others are taken for the nearest
    /// Fire times not later than this are not misfires: the newest `max_runs` of them are run under
    /// every policy.
    milliseconds threshold{5000};
    /// A fire time older than this is not run under any policy.
    std::optional<milliseconds> start_deadline = {};

    friend bool operator==(const misfire_policy&, const misfire_policy&) = default;
};

/// The answer of plan_misfires().
struct misfire_plan {
    std::vector<wall_time> run_now;  ///< oldest first
    std::uint64_t missed = 0;        ///< will never run
    std::uint64_t coalesced = 0;     ///< stood for by the first of run_now
    bool counted_all = true;         ///< false: more were missed or coalesced than were counted
    std::optional<wall_time> newest_due;  ///< the latest fire time in (last_fired, now]
    std::optional<wall_time> next;        ///< the first one after now
};

/// Looks at the fire times in (last_fired, now]. Pure. Bounded work however long the absence: at
/// most `misfire_count_limit` fire times are counted and `max_runs` planned. Nothing
/// is due when now <= last_fired (a clock that went back).
inline constexpr std::size_t misfire_count_limit = 10'000;
misfire_plan plan_misfires(wall_time last_fired, wall_time now, const cron_expression& expression,
                           const time_zone& zone, const misfire_policy& policy);

}  // namespace holdfast
