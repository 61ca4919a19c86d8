// Jobs that a fleet runs once per fire time: what a job is, and the scheduler that runs them.
#pragma once

#include "holdfast/cron.hpp"
#include "holdfast/ids.hpp"
#include "holdfast/journal.hpp"
#include "holdfast/misfire.hpp"
#include "holdfast/runtime.hpp"
#include "holdfast/store.hpp"

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace holdfast {

/// Identity of a run: at most one claim succeeds for each, whatever the instances' clocks say.
struct firing_id {
    job_name job;
    wall_time fire_time;  ///< the nominal instant, not when it really began

    firing_id(job_name j, wall_time t) : job(std::move(j)), fire_time(t) {}
    /// "nightly/2026-11-22T02:30:00Z": the same for every attempt. Use it as an idempotency key.
    std::string key() const;
};

/// What the work of a job is given. Lives as long as the run.
class job_context {
public:
    job_context(firing_id id, fencing_token fence, unsigned attempt, std::stop_token stop)
        : id_(std::move(id)), fence_(fence), attempt_(attempt), stop_(std::move(stop)) {}

    const firing_id& firing() const noexcept { return id_; }
    /// Rises with every claim and every attempt of this job. Give it to whatever the job writes to,
    /// and refuse lower ones there: a run that was believed dead may still be writing.
    fencing_token fence() const noexcept { return fence_; }
    /// 1, then 2 for the first retry or adoption.
    unsigned attempt() const noexcept { return attempt_; }
    std::string idempotency_key() const { return id_.key(); }
    /// Requested when the run must end: lease lost, timeout, replaced, shutdown. What still runs
    /// when the lease ends is cancelled (operation_aborted out of whatever it awaits).
    const std::stop_token& stop() const noexcept { return stop_; }

private:
    firing_id id_;
    fencing_token fence_;
    unsigned attempt_;
    std::stop_token stop_;
};

/// A coroutine of the process. Failure of its result, or an exception, fails the run.
struct function_work {
    std::string name;  ///< part of the job's definition: "same_token.rotate"
    std::function<task<result<void>>(job_context&)> call;
};

/// A command in a process group of its own, its output kept (the last 64 KiB). Its environment adds
/// HOLDFAST_JOB, HOLDFAST_FIRE_TIME (2026-11-22T02:30:00Z), HOLDFAST_FENCE, HOLDFAST_ATTEMPT and
/// HOLDFAST_STORE. Exit code 0 is success. To stop it: SIGTERM, then SIGKILL after `grace`, always
/// before the run's lease ends, even when this process has been killed.
struct command_work {
    std::vector<std::string> argv;
    std::map<std::string, std::string> environment = {};
    std::string folder = {};
    milliseconds grace{5000};
};

/// An HTTP request with the header `Idempotency-Key: job/fire_time`. http:// only.
struct http_work {
    std::string method = "POST";
    std::string url;
    std::map<std::string, std::string> headers = {};
    std::string body = {};
    unsigned expected_status = 0;  ///< 0: any of 200 to 299
};

using job_work = std::variant<function_work, command_work, http_work>;

/// When a fire time falls due while an earlier run is still going on.
enum class overlap_policy : std::uint8_t {
    forbid,   ///< it is settled without running. If that earlier run turns out to be dead it is run
    allow,    ///< both run
    replace,  ///< the earlier run is stopped, then it runs
};

/// What becomes of a run whose instance died.
enum class crash_policy : std::uint8_t {
    /// At most once: handed to another instance if its work had not begun, otherwise recorded as
    /// crashed. "Begun" is a mark in the store, set just before the work.
    abandon,
    /// At least once: run again, as the next attempt, whatever the dead instance had done.
    rerun,
};

/// Attempts after a failure (of the work, not of the instance).
struct retry_policy {
    unsigned max_attempts = 1;
    milliseconds first_delay{1000};
    milliseconds max_delay{60'000};  ///< each delay is twice the one before
};

/// One job. Everything but `name`, `schedule` and `work` has a usable default.
struct job_spec {
    job_name name;
    std::string schedule;  ///< docs/cron.md: fields, a macro, "@every 10s", "@manual"
    job_work work;
    cron_dialect dialect = cron_dialect::holdfast;
    time_zone zone = {};
    misfire_policy misfire{.threshold = milliseconds{60'000}};
    overlap_policy overlap = overlap_policy::forbid;
    crash_policy on_crash = crash_policy::abandon;
    unsigned crash_reruns = 3;  ///< how often crash_policy::rerun runs it again
    retry_policy retry = {};
    /// A run is stopped after this. Also ends the keep-alive, so a hung job cannot hold for ever.
    milliseconds timeout{hours{24}};
    /// Each job starts up to this much after its fire time, always by the same span (a hash of its
    /// name).
    milliseconds jitter{0};
    /// How long an instance may be silent before its run is taken for dead. At least 1 s.
    milliseconds lease{10'000};
    bool run_on_start = false;  ///< owe one fire time at the first registration
    std::uint64_t version = 0;  ///< a lower one than the registered is refused; 0: last one wins
    unsigned keep_history = 2000;
    unsigned keep_outputs = 20;

    job_spec(job_name n, std::string when, job_work what)
        : name(std::move(n)), schedule(std::move(when)), work(std::move(what)) {}
};

/// Checks everything that can be wrong with a spec. On failure errc::invalid_argument, and `why`
/// says what is wrong and what to write instead.
result<void> validate(const job_spec&, std::string* why = nullptr);

struct scheduler_options {
    std::string node;                     ///< this instance's name in logs and ledger; not empty
    std::string store_url = {};           ///< HOLDFAST_STORE of commands
    milliseconds max_skew{2000};          ///< clocks further apart: nothing fires here
    milliseconds takeover_delay{250};     ///< an instance of rank n waits n times this
    milliseconds presence_ttl{6000};      ///< silent for longer: no preferred owner any more
    milliseconds sweep_interval{30'000};  ///< how often dead runs are looked for unasked
};

/// One job as this instance sees it.
struct job_view {
    job_name name;
    std::optional<wall_time> next;
    wall_time last;  ///< highest settled fire time
    std::size_t running_here = 0;
    std::string state;  ///< "active", "paused", "stale", "registering"
};

/// Runs jobs. One per process; the instances of a fleet agree through the store.
///
/// Guarantees, while the store keeps what it acknowledged: at most one claim succeeds for each
/// firing_id; work begins only under a claim and a live lease; under crash_policy::abandon the work
/// of a firing_id begins at most once (plus explicit retries). While the store is away nothing
/// fires; fire times stay owed and are treated by the misfire policy afterwards.
///
/// May not be concluded: that a job runs on time, or that two runs of `overlap_policy::forbid` can
/// never touch if an instance ignores its stop request; use the fence.
///
/// Thread rule: everything on the runtime's executor.
class scheduler {
public:
    /// Throws boost::system::system_error for options that cannot work. Runtime, store and journal
    /// must outlive it.
    scheduler(runtime&, store&, journal&, scheduler_options);
    ~scheduler();
    scheduler(const scheduler&) = delete;

    /// Sets what there is to run: at first, and again after a reload. Runs that are going on are
    /// not disturbed, also of jobs that are gone. A spec that does not validate makes the call fail
    /// and changes nothing.
    result<void> replace_jobs(std::vector<job_spec>);

    /// Until drain() has ended everything. Call it once. Not to be cancelled: drain() instead.
    task<void> run();

    /// Claims nothing any more, lets runs go on for `grace`, then stops them and gives back what
    /// has not begun, so that another instance takes it at once. Returns when no run is left.
    task<void> drain(milliseconds grace);

    std::vector<job_view> jobs() const;

private:
    class impl;
    std::shared_ptr<impl> impl_;
};

}  // namespace holdfast
