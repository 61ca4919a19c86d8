// What to do next: plain functions of what is known, without clocks, store or state.
#pragma once

#include "holdfast/schedule.hpp"
#include "schedule/job_store.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace holdfast::schedule {

/// What an instance knows about a job's fire times.
struct register_view {
    wall_time last;      ///< highest settled one
    wall_time first;     ///< owed since registration; the epoch when none
    wall_time armed_at;  ///< when this instance last had nothing to do for the job
};

/// The next thing to do for one job.
struct next_step {
    enum class kind : std::uint8_t { wait, claim, skip };
    kind what = kind::wait;
    wall_time fire_time;               ///< claim: which one
    missed_batch missed;               ///< claim: goes with it; skip: what to settle
    std::optional<wall_time> wake_at;  ///< wait: until when; nothing: never
};

/// Looks at what is due at `now`. `shift` is the job's jitter. A `last` further ahead than max_skew
/// cannot be trusted (a clock was wrong once); then only fire times after armed_at count, and the
/// claim script heals the register.
next_step plan_next(const register_view&, wall_time now, const cron_expression&, const time_zone&,
                    const misfire_policy&, milliseconds shift, milliseconds max_skew);

/// The job's own share of the jitter.
milliseconds jitter_of(std::string_view job, milliseconds jitter);

/// How many live instances come before this one for the job (rendezvous hashing): 0 claims at once.
/// Each job has its own order, so the work spreads, and when an instance leaves only its jobs move.
std::size_t takeover_rank(std::string_view job, std::string_view self,
                          std::span<const std::string> nodes);

/// Before attempt n + 1, after attempt n failed.
milliseconds retry_delay(const retry_policy&, unsigned failed_attempt);

/// Before asking the store again, after n failures in a row: 50 ms to 2 s, doubled each time.
milliseconds store_backoff(unsigned failures);

/// Until the store is asked again whether the clocks agree, after so many refusals in a row:
/// doubled each time, up to 15 s. A clock that is wrong stays so for minutes, or for good.
milliseconds skew_pause(milliseconds max_skew, unsigned refusals);

/// How a lease is believed: shorter than granted, counted from before it was asked for.
steady_time believed_until(steady_time asked_at, milliseconds lease);

}  // namespace holdfast::schedule
