// One job's fire times: wait for the turn, claim, act on the answer.
#include "base/mutant.hpp"
#include "schedule/definition.hpp"
#include "schedule/scheduler_impl.hpp"

#include <algorithm>
#include <limits>

namespace holdfast {

using schedule::code;
using schedule::firing_answer;
using schedule::next_step;

// Until nothing of the job is due any more. Everything is looked at anew after each wait.
task<void> scheduler::impl::tend(job_ptr job) {
    job->tending = true;
    std::optional<wall_time> wake;
    const auto plan = [&] {
        return schedule::plan_next(job->known, rt_.wall_now(), job->expression, job->spec->zone,
                                   job->spec->misfire, job->shift, options_.max_skew);
    };
    while (!stopping_ && !job->removed) {
        if (job->generation == 0) {
            const bool enrolled = co_await enrol(job);
            if (job->stale) {
                wake = rt_.wall_now() + options_.sweep_interval;  // ours may come back
                break;
            }
            if (!enrolled) continue;
        }
        auto step = plan();
        if (step.what == next_step::kind::wait) {
            wake = step.wake_at;
            break;
        }
        const bool due = step.what == next_step::kind::claim;
        const bool mine = co_await my_turn(job, due ? step.fire_time : step.missed.newest);
        if (!mine) continue;
        step = plan();  // by now it may be too late for what was due before the wait
        if (step.what == next_step::kind::claim) co_await claim(job, step);
        if (step.what == next_step::kind::skip) co_await skip(job, step);
    }
    job->known.armed_at = rt_.wall_now();
    job->tending = false;
    if (stopping_ || job->removed) co_return;
    arm(job, wake);
    changed_.notify();
}

task<bool> scheduler::impl::enrol(job_ptr job) {
    schedule::registration_request request{job->schedule,       job->definition,
                                           job->spec->version,  options_.node,
                                           job->known.last,     job->spec->run_on_start,
                                           options_.max_skew,   job->highest_generation,
                                           job->own_generation, job->anchor};
    const auto answer = co_await job->remote.enrol(std::move(request));
    if (!answer) {
        co_await store_failed(job, answer.error());
        co_return false;
    }
    const auto& a = answer.value();
    const bool was_stale = std::exchange(job->stale, a.what == code::stale);
    if (job->stale) {
        job->highest_generation = std::max(job->highest_generation, a.generation);
        if (!was_stale) tell_refused(job, rt_.wall_now(), a.who, "stale definition");
        co_return false;
    }
    const auto listed = co_await schedule::add_to_catalogue(store_, job->spec->name);
    if (!listed) {
        co_await store_failed(job, listed.error());
        co_return false;
    }
    job->failures = 0;
    job->generation = job->own_generation = job->highest_generation = a.generation;
    job->known.last = a.last;
    job->known.first = a.first;
    job->known.armed_at = rt_.wall_now();
    job->anchor = a.anchor;
    job->expression.anchor(a.anchor);
    job->sweep_at = rt_.now();
    sweeps_.notify();
    co_return true;
}

// Whoever looks after runs hears of it first when fire times are rare.
void scheduler::impl::enrol_again(const job_ptr& job) {
    job->generation = 0;
    if (job->tending) return;
    arm(job, wall_time{});
    changed_.notify();
}

// The preferred instance goes at once. The others give it time and stand back when they hear that
// the fire time is taken, so that a tick costs one claim however many instances there are.
task<bool> scheduler::impl::my_turn(job_ptr job, wall_time fire_time) {
    const auto rank = rank_of(job);
    if (rank == 0) co_return true;
    auto until = rt_.now() + options_.takeover_delay * rank;
    if (job->spec->overlap == overlap_policy::forbid && job->busy_until > rt_.now())
        until = job->busy_until + options_.takeover_delay * rank;
    // A register that a wrong clock left in the future is past every fire time from the start: it
    // says nothing about this one until it changes.
    const auto before = job->known.last;
    const auto settled = [&] {
        return before < fire_time ? job->known.last >= fire_time : job->known.last != before;
    };
    while (!stopping_ && !job->removed && !settled()) {
        const auto seen = job->changed.seen();
        if (job->busy_until == steady_time{})
            until = std::min(until, rt_.now() + options_.takeover_delay * rank);
        const bool changed = co_await job->changed.changed(seen, until);
        if (!changed) co_return true;
    }
    co_return false;
}

task<void> scheduler::impl::claim(job_ptr job, next_step step) {
    if (job->pending_claim != step.fire_time || job->claim_token.empty()) {
        job->pending_claim = step.fire_time;
        job->claim_token = owner_id::random(rt_).str();
    }
    const auto& spec = *job->spec;
    if (mutant("fire-time-by-the-local-clock"))
        step.fire_time = std::chrono::floor<milliseconds>(rt_.wall_now());
    schedule::claim_request request{
        step.fire_time,     job->claim_token,  options_.node,
        spec.lease,         rt_.wall_now(),    options_.max_skew,
        job->known.last,    job->generation,   std::string(schedule::name_of(spec.overlap)),
        job->highest_fence, spec.keep_history, step.missed};
    const auto asked_at = rt_.now();
    auto answer = co_await job->remote.claim(std::move(request));
    if (!answer) {
        co_await store_failed(job, answer.error());
        co_return;
    }
    job->failures = 0;
    if (answer.value().what == code::claimed && step.missed.count > 0)
        record(event_kind::firing_missed, job->name(), options_.node, step.missed.count,
               step.missed.reason);
    co_await act_on(job, step.fire_time, std::move(answer.value()), asked_at);
}

task<void> scheduler::impl::skip(job_ptr job, next_step step) {
    auto answer = co_await job->remote.skip(step.missed, options_.node, job->generation,
                                            job->spec->keep_history);
    if (!answer) {
        co_await store_failed(job, answer.error());
        co_return;
    }
    job->failures = 0;
    if (answer.value().what == code::settled)
        record(event_kind::firing_missed, job->name(), options_.node, step.missed.count,
               step.missed.reason);
    co_await act_on(job, step.missed.newest, std::move(answer.value()), rt_.now());
}

task<void> scheduler::impl::act_on(job_ptr job, wall_time fire_time, firing_answer a,
                                   steady_time asked_at) {
    const auto settled_before = job->known.last;
    if (a.what == code::taken || a.what == code::claimed || a.what == code::settled)
        job->known.armed_at = std::max(job->known.armed_at, fire_time);
    job->known.last = a.last;
    job->paused = a.what == code::paused;
    if (a.what != code::skew) job->skews = 0;
    switch (a.what) {
        case code::claimed:
            job->known.last = std::max(a.last, fire_time);
            begin_run(job, fire_time, std::exchange(job->claim_token, {}),
                      static_cast<std::uint64_t>(a.number), 1, asked_at);
            break;
        case code::taken: {
            // Progress is certain even if the answer makes no sense: last never goes back here.
            job->known.last = std::max(a.last, fire_time);
            if (mutant("catch-up-ignores-the-claim"))
                begin_run(job, fire_time, std::exchange(job->claim_token, {}), 0, 1, asked_at);
            if (a.who != options_.node) tell_refused(job, fire_time, a.who, "taken");
            break;
        }
        case code::settled:
        case code::behind: break;
        case code::overlapped:
            record(event_kind::firing_missed, job->name(), options_.node, 1, "overlap");
            break;
        case code::early: co_await rest(job, milliseconds{a.number}); break;
        case code::skew:
            tell_refused(job, fire_time, options_.node,
                         "clocks differ by " + std::to_string(a.number) + " ms");
            co_await rest(job, schedule::skew_pause(options_.max_skew, ++job->skews));
            break;
        case code::paused:
            tell_refused(job, fire_time, a.who, "paused");
            co_await rest(job, options_.sweep_interval);
            break;
        case code::overlap:
        case code::replacing:
            tell_refused(job, fire_time, a.who,
                         a.what == code::overlap ? "an earlier run is going on" : "replacing");
            // A little past the lease: its end is the moment when the store lets somebody in.
            co_await rest(job, from_unix_ms(a.number) - a.store_now + milliseconds{1});
            break;
        // A later generation is another's definition, or ours brought anew. Or the register is gone
        // or older than what we have seen: then we put ours back.
        default:
            enrol_again(job);
            job->known.last = std::max(settled_before, a.last);
            break;
    }
}

task<void> scheduler::impl::rest(job_ptr job, nanoseconds span) {
    const auto seen = job->changed.seen();
    if (stopping_) co_return;
    co_await job->changed.changed(
        seen, rt_.now() + std::clamp(span, nanoseconds(milliseconds{1}), nanoseconds(minutes{1})));
}

task<void> scheduler::impl::store_failed(job_ptr job, error_code ec) {
    const bool broken = ec == condition::broken;
    if (job->failures++ == 0)
        record(event_kind::firing_refused, job->name(), options_.node, 0,
               holdfast::name_of(errc_of(ec)));
    const auto pause = broken ? milliseconds{5000} : schedule::store_backoff(job->failures);
    if (!stopping_) co_await rt_.sleep_until(rt_.now() + pause);
}

void scheduler::impl::begin_run(const job_ptr& job, wall_time fire_time, std::string token,
                                std::uint64_t fence, unsigned attempt, steady_time asked_at) {
    auto run = std::make_shared<schedule::live_run>(rt_, job);
    run->fire_time = fire_time;
    run->token = std::move(token);
    run->fence = fencing_token(fence);
    run->attempt = attempt;
    run->asked_at = asked_at;
    job->highest_fence = std::max(job->highest_fence, fence);
    job->told_until = std::max(job->told_until, fire_time);
    const firing_id id(job->spec->name, fire_time);
    record(event_kind::firing_claimed, id.key(), options_.node, fence);
    tell_lease(event_kind::lease_acquired, run);
    ++job->running;
    runs_.push_back(run);
    spawn(carry_out(run));
}

}  // namespace holdfast
