// The scheduler's insides: what it knows of each job, and the coroutines that tend them.
#pragma once

#include "holdfast/lease.hpp"
#include "holdfast/schedule.hpp"
#include "schedule/change_signal.hpp"
#include "schedule/decide.hpp"
#include "schedule/job_store.hpp"
#include "schedule/work.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

namespace schedule {

/// One job on this instance. A changed definition is another record; runs keep theirs.
struct job_record {
    job_record(runtime& rt, store& s, std::shared_ptr<const job_spec> sp);

    std::uint64_t order = 0;  ///< of creation
    std::shared_ptr<const job_spec> spec;
    std::string schedule, definition;
    cron_expression expression;
    milliseconds shift;  ///< its share of the jitter
    job_store remote;

    std::int64_t generation = 0;          ///< 0: not registered (again) yet
    std::int64_t own_generation = 0;      ///< in which it was registered last
    wall_time anchor;                     ///< of own_generation
    std::int64_t highest_generation = 0;  ///< higher: another definition was registered since
    register_view known;
    std::uint64_t highest_fence = 0;
    bool removed = false, paused = false;
    bool stale = false;  ///< another definition is registered; looked at again now and then
    bool tending = false, sweeping = false, taking = false;
    std::size_t running = 0;
    unsigned failures = 0;  ///< of the store, in a row
    unsigned skews = 0;     ///< answers in a row that the clocks differ

    std::optional<wall_time> wake;  ///< its place in the queue
    steady_time sweep_at;
    steady_time busy_until;  ///< another instance's run, as its pushes told

    /// A question whose answer was lost is asked again with the same token.
    wall_time pending_claim;
    std::string claim_token, adopt_token, take_token;
    wall_time told_until;  ///< refusals up to this fire time are in the journal

    change_signal changed;

    const std::string& name() const noexcept { return spec->name.str(); }
    /// Another definition of the same job; it remembers what must not happen again.
    void succeed(const job_record& former);
};
using job_ptr = std::shared_ptr<job_record>;

/// A run of this instance.
struct live_run {
    live_run(runtime& rt, job_ptr j) : job(std::move(j)), spec(job->spec), changed(rt) {}

    job_ptr job;
    std::shared_ptr<const job_spec> spec;
    wall_time fire_time;
    std::string token;
    fencing_token fence;
    unsigned attempt = 1;
    steady_time asked_at;
    steady_time not_before;  ///< the work of a retry waits until then
    bool started = false;
    bool lease_over = false;  ///< lost or given back, and the journal knows

    run_control control{};
    std::string stop_reason;  ///< an outcome; empty while it may go on
    steady_time hard_stop = steady_time::max();
    change_signal changed;
};
using run_ptr = std::shared_ptr<live_run>;

}  // namespace schedule

class scheduler::impl : public std::enable_shared_from_this<scheduler::impl> {
public:
    impl(runtime& rt, store& s, journal& j, scheduler_options options);

    result<void> replace_jobs(std::vector<job_spec> specs);
    task<void> run();
    task<void> drain(milliseconds grace);
    std::vector<job_view> jobs() const;

private:
    using job_ptr = schedule::job_ptr;
    using run_ptr = schedule::run_ptr;

    // scheduler.cpp: jobs, the queue, background loops
    void spawn(task<void> work);
    task<void> guarded(std::shared_ptr<impl> self, task<void> work);
    void arm(const job_ptr&, std::optional<wall_time> when);
    steady_time wake_due();
    void notice_step_back(wall_time now);
    task<void> presence_loop();
    task<void> sweep_loop();
    steady_time begin_sweeps();
    void sweep_by(const job_ptr&, steady_time when);
    std::size_t rank_of(const job_ptr&) const;
    void update_member();

    // pushes.cpp
    void on_push(std::string_view payload);
    void on_claimed(const job_ptr&, std::string_view rest);
    job_ptr find(std::string_view name) const;
    void tell_refused(const job_ptr&, wall_time fire_time, std::string_view who,
                      std::string_view why);

    // firing.cpp: one job's fire times
    task<void> tend(job_ptr);
    task<bool> enrol(job_ptr);
    void enrol_again(const job_ptr&);
    task<bool> my_turn(job_ptr, wall_time fire_time);
    task<void> claim(job_ptr, schedule::next_step);
    task<void> skip(job_ptr, schedule::next_step);
    task<void> act_on(job_ptr, wall_time fire_time, schedule::firing_answer, steady_time asked_at);
    task<void> store_failed(job_ptr, error_code);
    task<void> rest(job_ptr, nanoseconds span);
    void begin_run(const job_ptr&, wall_time fire_time, std::string token, std::uint64_t fence,
                   unsigned attempt, steady_time asked_at);

    // adoption.cpp: dead runs and manual runs
    task<void> sweep(job_ptr, nanoseconds delay);
    task<bool> sweep_once(job_ptr);
    task<void> take_manual(job_ptr, nanoseconds delay);

    // run.cpp: one run
    task<void> carry_out(run_ptr);
    task<bool> mark_started(run_ptr);
    task<schedule::work_result> work(run_ptr);
    task<void> keep_lease(run_ptr);
    task<void> extend(run_ptr);
    task<schedule::work_result> perform(run_ptr);
    task<bool> conclude(run_ptr, schedule::work_result, milliseconds duration);
    void ask_to_stop(const run_ptr&, std::string_view reason);

    void record(event_kind kind, std::string_view subject, std::string_view who = {},
                std::uint64_t number = 0, std::string_view detail = {}) {
        journal_.record(event{kind, subject, who, number, detail});
    }

    /// What became of a run's lease, in the words of the locks: it is counted with them.
    void tell_lease(event_kind kind, const run_ptr& run, std::string_view detail = {}) {
        const firing_id id(run->spec->name, run->fire_time);
        record(kind, id.key(), run->token, run->fence.value(), detail);
    }
    /// Tells once that it was lost.
    void tell_lost(const run_ptr& run, lost_reason why) {
        if (std::exchange(run->lease_over, true)) return;
        tell_lease(event_kind::lease_lost, run, name_of(why));
    }
    /// Tells that it was given back, unless it was lost before.
    void tell_given_back(const run_ptr& run) {
        if (std::exchange(run->lease_over, true)) return;
        tell_lease(event_kind::lease_released, run);
    }

    runtime& rt_;
    store& store_;
    journal& journal_;
    scheduler_options options_;

    std::map<std::string, job_ptr, std::less<>> jobs_;
    std::map<std::pair<wall_time, std::uint64_t>, job_ptr> queue_;  ///< ties: older record first
    std::vector<run_ptr> runs_;
    std::optional<nanoseconds> calendar_lead_;  ///< over the steady clock, when last planned
    std::uint64_t records_ = 0;
    std::vector<std::string> peers_;  ///< live instances with the same jobs, this one too
    std::string member_, former_member_;

    bool stopping_ = false;
    std::size_t active_ = 0;
    schedule::change_signal changed_, quiet_, sweeps_;
    std::vector<push_dispatcher::registration> listening_;
};

}  // namespace holdfast
