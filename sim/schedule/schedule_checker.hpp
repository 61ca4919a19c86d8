// Holds firings to their promises: one claim a fire time, all accounted for, no overlap.
#pragma once

#include "holdfast/schedule.hpp"
#include "sim/schedule/definition_checker.hpp"
#include "sim/workload.hpp"
#include "sim/world/store_view.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace holdfast::sim {

/// A work that is going on, or was.
struct work_under_way {
    node& host;
    steady_time begun_at;
    steady_time ended_at = steady_time::max();  ///< set by whoever did it, however it ended
    bool over() const { return ended_at < steady_time::max(); }
};

/// Jobs are due at every full period, counted from the epoch or from their anchor, and do not
/// overlap.
class schedule_checker {
public:
    /// What a job promised, in the checker's own words.
    struct rules {
        bool at_most_once = false;
        std::int64_t catches_up = 1;  ///< so many of the newest fire times are run however late
        milliseconds threshold;       ///< a fire time later than this is run only if caught up with
        bool from_anchor = false;
        bool overlaps = false;  ///< a run may go on beside another
    };

    schedule_checker(simulation::fleet& of, referee& to, milliseconds period,
                     std::map<std::string, rules> jobs)
        : home_(of),
          judge_(to),
          definitions_(of, to),
          period_(period.count()),
          jobs_(std::move(jobs)) {}

    void on_script(const executed& done);
    std::shared_ptr<work_under_way> on_begin(const process& by, node& host,
                                             const job_context& context);
    /// Somebody who asked for a run has been told that it will come.
    void on_promised(const std::string& request) {
        manual_[request].promised_at = home_.space.now();
    }
    void on_healed();
    /// Nothing of the bad time has a say any more.
    bool settled() const;
    /// What was claimed has begun, or was given up by a policy that allows it, and is in the
    /// ledger; what fell due since healing has run.
    void finish();

private:
    /// One fire time of one job, as clients and the store saw it.
    struct firing {
        std::string token;   ///< of the claim
        std::string holder;  ///< token of the claim or of who adopted it last
        std::uint64_t losses = 0;
        steady_time claimed_at{};
        unsigned begun = 0;
        std::string begun_on;   ///< node, the last time
        bool given_up = false;  ///< recorded as crashed after its start, by the job's policy
    };
    /// A run that somebody asked for, once, however often it was repeated.
    struct manual_run {
        std::string job;
        std::string token = {};  ///< of who took it
        std::uint64_t losses = 0;
        steady_time promised_at = steady_time::max();
        steady_time taken_at{};
    };
    /// A job's register, after the last script that touched it.
    struct register_state {
        std::int64_t last = 0;       ///< 0: not known
        std::int64_t grid = 0;       ///< fire times are whole periods away from it
        std::int64_t forgotten = 0;  ///< the highest that it was before it went back or was lost
        std::int64_t at_healing = 0;
        bool paused = false;
        std::uint64_t losses = 0;
        std::int64_t highest_fence = 0;
        std::uint64_t fence_losses = 0;
        steady_time went_back_at = steady_time::min();
        std::vector<std::shared_ptr<work_under_way>> works = {};  ///< and since healing, all
    };
    /// A step of the register from one fire time to a later one.
    struct settlement {
        std::string job, ledger;
        std::int64_t grid, fire_time, oldest_missed, newest_missed;
        std::uint64_t missed;
        std::int64_t floor;
        bool claimed;  ///< the fire time itself is run, or recorded on its own
    };

    void on_claim(const executed& done);
    void on_skip(const executed& done);
    void on_adopt(const executed& done);
    void on_ask(const executed& done);
    void on_take(const executed& done);
    void on_pause(const executed& done);
    /// Fire times after `from` and before `to`.
    std::int64_t between(std::int64_t from, std::int64_t to, std::int64_t grid) const {
        return periods(to - 1 - grid) - periods(from - grid);
    }
    /// Rounded down, below zero too.
    std::int64_t periods(std::int64_t span) const {
        return (span - (span < 0 ? period_ - 1 : 0)) / period_;
    }
    std::int64_t grid_of(const std::string& job, std::string_view key) const;
    void check_going_back(const settlement& step);
    void on_settled(const settlement& step);
    void check_policy(const settlement& step, std::int64_t before, std::int64_t callers_clock);
    void on_fence(const std::string& job, std::int64_t fence);
    void remember(const executed& done, const std::string& job);
    void check_what_fell_due(const std::string& job);
    void check_ledger(const std::string& job, std::int64_t fire_time);
    bool disturbed_since(steady_time then) const { return home_.server.disturbed_at() >= then; }

    simulation::fleet& home_;
    referee& judge_;
    definition_checker definitions_;
    std::int64_t period_;
    std::map<std::string, rules> jobs_;
    std::map<std::pair<std::string, std::int64_t>, firing> firings_;  // job, fire time (ms)
    std::map<std::string, manual_run> manual_;                        // by request
    std::map<std::string, register_state> registers_;
    std::map<std::string, std::string> ledgers_;  // by job, the key
    std::set<std::string> started_;               // tokens whose start the store has marked
    steady_time healed_at_ = steady_time::max();
};

}  // namespace holdfast::sim
