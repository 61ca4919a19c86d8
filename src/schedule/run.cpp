// One run: mark it started, do the work while keeping the lease, write down how it ended.
#include "base/mutant.hpp"
#include "runtime/deadline.hpp"
#include "schedule/definition.hpp"
#include "schedule/scheduler_impl.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>

namespace holdfast {
namespace {

using schedule::completed;
using schedule::work_result;

std::string outcome_of(const schedule::live_run& run, const work_result& done) {
    if (done.succeeded) return "succeeded";
    if (!run.stop_reason.empty()) return run.stop_reason;
    return done.overdue ? "lease_lost" : "failed";
}

// Between two words to the store while the lease lives.
constexpr milliseconds shortest_beat{20};

}  // namespace

void scheduler::impl::ask_to_stop(const run_ptr& run, std::string_view reason) {
    if (!run->stop_reason.empty()) return;
    run->stop_reason = reason;
    auto grace = milliseconds{2000};
    if (const auto* command = std::get_if<command_work>(&run->spec->work)) grace = command->grace;
    // The watcher of a command kills after the grace; a second later nothing of it is left.
    run->hard_stop = rt_.now() + grace + seconds{1};
    run->control.stop.request_stop();
    run->changed.notify();
}

task<void> scheduler::impl::carry_out(run_ptr run) {
    const firing_id id(run->spec->name, run->fire_time);
    run->control.lease = run->spec->lease;
    bool more = true;
    while (more) {
        run->control.valid_until = schedule::believed_until(run->asked_at, run->spec->lease);
        const auto begun = rt_.now();
        const auto done = co_await perform(run);
        const auto span = std::chrono::floor<milliseconds>(rt_.now() - begun);
        if (!run->started && !run->stop_reason.empty()) {
            co_await run->job->remote.release(run->token);
            tell_given_back(run);
            record(event_kind::firing_finished, id.key(), options_.node, run->fence.value(),
                   "handed_over");
            break;
        }
        more = co_await conclude(run, done, span);
    }
    --run->job->running;
    std::erase(runs_, run);
    run->job->changed.notify();
    quiet_.notify();
}

// The work, raced by the keeper of the lease; whichever ends first ends the other.
task<work_result> scheduler::impl::perform(run_ptr run) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto ended = co_await (work(run) || keep_lease(run));
    if (ended.index() == 0) co_return std::get<0>(std::move(ended));
    work_result cut;
    cut.detail = "did not stop in time and was cut off";
    co_return cut;
}

// A claim that was asked for several times may be older than the question that was answered: the
// lease that is believed while working is counted from here, as in the store.
task<bool> scheduler::impl::mark_started(run_ptr run) {
    const auto lease = run->spec->lease;
    for (unsigned failures = 1; rt_.now() < run->control.valid_until; ++failures) {
        if (mutant("work-begins-without-a-mark") || mutant("catch-up-ignores-the-claim"))
            co_return true;
        const auto asked_at = rt_.now();
        const auto marked = co_await run->job->remote.start(run->token, lease);
        if (marked && marked.value())
            run->control.extended(schedule::believed_until(asked_at, lease));
        if (marked) co_return marked.value();
        co_await rt_.sleep_until(rt_.now() + schedule::store_backoff(failures));
    }
    co_return false;
}

task<work_result> scheduler::impl::work(run_ptr run) {
    work_result none;
    co_await rt_.sleep_until(run->not_before);
    if (!run->stop_reason.empty()) co_return none;
    const bool marked = co_await mark_started(run);
    if (!marked) {
        run->stop_reason = "lease_lost";
        tell_lost(run, rt_.now() < run->control.valid_until ? lost_reason::erased
                                                            : lost_reason::expired_locally);
        none.detail = "the lease ended before the work began";
        co_return none;
    }
    run->started = true;
    const firing_id id(run->spec->name, run->fire_time);
    record(event_kind::firing_started, id.key(), options_.node, run->fence.value());
    const schedule::run_facts facts{id, run->fence, run->attempt, options_.store_url};
    if (const auto* command = std::get_if<command_work>(&run->spec->work))
        co_return co_await schedule::do_command(rt_, *command, facts, run->control);
    if (const auto* http = std::get_if<http_work>(&run->spec->work))
        co_return co_await schedule::do_http(rt_, *http, facts, run->control);
    job_context context(id, run->fence, run->attempt, run->control.stop.get_token());
    co_return co_await schedule::do_function(std::get<function_work>(run->spec->work), context);
}

// Returns when the work must be cut off: its time to stop is over, or the lease is.
task<void> scheduler::impl::keep_lease(run_ptr run) {
    const auto lease = run->spec->lease;
    const auto overdue =
        rt_.now() + std::max(nanoseconds{0}, run->not_before - rt_.now()) + run->spec->timeout;
    auto next_beat = run->asked_at + lease / 3;
    while (true) {
        const auto now = rt_.now();
        const auto last_call = run->control.valid_until - std::min(lease / 4, milliseconds{5000});
        if (now >= run->control.valid_until) tell_lost(run, lost_reason::expired_locally);
        if (now >= run->hard_stop || now >= run->control.valid_until) co_return;
        if (now >= overdue) ask_to_stop(run, "timed_out");
        if (now >= last_call) ask_to_stop(run, "lease_lost");
        if (now >= next_beat) {
            const auto before = run->control.valid_until;
            const bool answered =
                co_await before_deadline(rt_, std::min(before, run->hard_stop), extend(run));
            const bool extended = answered && run->control.valid_until > before;
            next_beat = rt_.now() + (extended ? lease / 3 : std::max(lease / 20, shortest_beat));
            continue;
        }
        auto until = std::min({next_beat, run->hard_stop, run->control.valid_until});
        if (run->stop_reason.empty()) until = std::min({until, overdue, last_call});
        const auto seen = run->changed.seen();
        co_await run->changed.changed(seen, until);
    }
}

task<void> scheduler::impl::extend(run_ptr run) {
    const auto asked_at = rt_.now();
    const auto answer =
        co_await run->job->remote.heartbeat(run->token, run->fence.value(), run->spec->lease);
    if (!answer) co_return;
    const auto left = run->control.valid_until - rt_.now();
    if (answer.value() == schedule::beat::lost) {
        // The store says no more than that the run is not ours: somebody may have adopted it.
        tell_lost(run, left > nanoseconds{0} ? lost_reason::erased : lost_reason::expired_locally);
        ask_to_stop(run, "lease_lost");
        co_return;
    }
    if (left > nanoseconds{0} && !run->lease_over) {
        const auto left_us = std::chrono::floor<microseconds>(left).count();
        tell_lease(event_kind::lease_extended, run, std::to_string(left_us));
    }
    run->control.extended(schedule::believed_until(asked_at, run->spec->lease));
    if (answer.value() == schedule::beat::stop) ask_to_stop(run, "replaced");
}

// Writes the end down. True: another attempt begins, under a fence of its own.
task<bool> scheduler::impl::conclude(run_ptr run, work_result done, milliseconds duration) {
    const auto& spec = *run->spec;
    const firing_id id(spec.name, run->fire_time);
    const auto outcome = outcome_of(*run, done);
    if (outcome == "interrupted" && spec.on_crash == crash_policy::rerun) {
        co_await run->job->remote.release(run->token);
        tell_given_back(run);
        record(event_kind::firing_finished, id.key(), options_.node, run->fence.value(),
               "handed_over");
        co_return false;
    }
    const bool again = (outcome == "failed" || outcome == "timed_out") && !stopping_ &&
                       run->attempt < spec.retry.max_attempts;
    schedule::completion words{.token = run->token,
                               .fire_time = run->fire_time,
                               .outcome = outcome,
                               .exit_code = done.exit_code,
                               .duration = duration,
                               .detail = done.detail,
                               .output = done.output,
                               .keep_history = spec.keep_history,
                               .keep_outputs = spec.keep_outputs,
                               .next_token = again ? owner_id::random(rt_).str() : "",
                               .next_lease = spec.lease,
                               .highest_fence = run->job->highest_fence,
                               .overlap = std::string(schedule::name_of(spec.overlap))};
    const auto give_up = rt_.now() + (stopping_ ? nanoseconds(spec.lease) : nanoseconds(hours{1}));
    for (unsigned failures = 1; rt_.now() < give_up; ++failures) {
        const auto asked_at = rt_.now();
        if (asked_at >= run->control.valid_until) tell_lost(run, lost_reason::expired_locally);
        const auto answer = co_await run->job->remote.complete(words);
        if (!answer) {
            co_await rt_.sleep_until(rt_.now() + schedule::store_backoff(failures));
            continue;
        }
        const auto& a = answer.value();
        if (a.what == completed::lost) tell_lost(run, lost_reason::taken_over);
        tell_given_back(run);
        record(event_kind::firing_finished, id.key(), options_.node, run->fence.value(),
               a.what == completed::lost ? "adopted by another" : outcome);
        if (a.what != completed::next) co_return false;
        run->token = words.next_token;
        run->fence = fencing_token(a.fence);
        run->job->highest_fence = std::max(run->job->highest_fence, a.fence);
        run->not_before = rt_.now() + schedule::retry_delay(spec.retry, run->attempt);
        ++run->attempt;
        run->asked_at = asked_at;
        run->started = false;
        run->stop_reason.clear();
        run->hard_stop = steady_time::max();
        run->control.stop = std::stop_source();
        run->lease_over = false;
        tell_lease(event_kind::lease_acquired, run);
        co_return true;
    }
    tell_lost(run, lost_reason::expired_locally);
    co_return false;
}

}  // namespace holdfast
