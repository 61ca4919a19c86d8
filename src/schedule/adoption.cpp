// Runs whose instance fell silent, and runs that somebody asked for.
#include "schedule/definition.hpp"
#include "schedule/scheduler_impl.hpp"

#include <algorithm>

namespace holdfast {

using schedule::code;

namespace {

bool of_another_generation(code what) { return what == code::stale || what == code::missing; }

}  // namespace

void scheduler::impl::sweep_by(const job_ptr& job, steady_time when) {
    if (job->sweep_at <= when) return;
    job->sweep_at = when;
    sweeps_.notify();
}

task<void> scheduler::impl::sweep_loop() {
    while (!stopping_) {
        const auto seen = sweeps_.seen();
        const auto next = begin_sweeps();
        co_await sweeps_.changed(seen, next);
    }
}

// Looks at the jobs whose time has come; when the next one's comes. The three instances first in a
// job's order share this; when they die the others move up.
steady_time scheduler::impl::begin_sweeps() {
    const auto now = rt_.now();
    auto next = now + options_.sweep_interval;
    for (const auto& [name, job] : jobs_) {
        if (job->generation == 0) continue;
        if (job->sweep_at <= now) {
            if (job->sweeping) continue;  // it tells when it ends
            const auto rank = rank_of(job);
            job->sweep_at = now + (rank < 3 ? options_.sweep_interval : job->spec->lease);
            if (rank < 3) spawn(sweep(job, options_.takeover_delay * rank));
        }
        next = std::min(next, job->sweep_at);
    }
    return next;
}

task<void> scheduler::impl::sweep(job_ptr job, nanoseconds delay) {
    if (job->sweeping) co_return;
    job->sweeping = true;
    const auto begun = rt_.now();
    job->sweep_at = begun + options_.sweep_interval;
    if (delay.count() > 0) co_await rest(job, delay);
    bool more = true;
    while (more && !stopping_ && !job->removed && job->generation != 0)
        more = co_await sweep_once(job);
    job->sweeping = false;
    // A lease that ends again and again, by a clock that went back, is asked after in peace.
    const auto rest_until = begun + std::min(milliseconds{1000}, options_.sweep_interval / 4);
    job->sweep_at = std::max(job->sweep_at, rest_until);
    if (job->sweep_at <= rt_.now()) sweeps_.notify();
}

// True: there may be more.
task<bool> scheduler::impl::sweep_once(job_ptr job) {
    const auto& spec = *job->spec;
    if (job->adopt_token.empty()) job->adopt_token = owner_id::random(rt_).str();
    schedule::adopt_request request{options_.node,
                                    job->adopt_token,
                                    std::string(schedule::name_of(spec.on_crash)),
                                    std::string(schedule::name_of(spec.overlap)),
                                    spec.retry.max_attempts + spec.crash_reruns,
                                    spec.misfire.start_deadline.value_or(milliseconds{0}),
                                    spec.lease,
                                    job->generation,
                                    job->highest_fence,
                                    spec.keep_history};
    const auto asked_at = rt_.now();
    const auto answer = co_await job->remote.adopt(std::move(request));
    if (!answer) {
        co_await store_failed(job, answer.error());
        co_return answer.error() != condition::broken;
    }
    const auto& a = answer.value();
    if (a.what == code::none || a.what == code::busy) {
        const auto ends = from_unix_ms(a.number) - a.store_now;
        if (a.number > 0) sweep_by(job, rt_.now() + ends + milliseconds{50});
    }
    if (a.manual_waiting > 0 && !job->taking) spawn(take_manual(job, nanoseconds{0}));
    if (a.what == code::abandoned) {
        const firing_id id(job->spec->name, a.last);
        record(event_kind::firing_finished, id.key(), a.who, 0, "crashed");
        job->changed.notify();
        co_return true;
    }
    if (of_another_generation(a.what)) enrol_again(job);
    if (a.what != code::adopted) co_return false;
    begin_run(job, a.last, std::exchange(job->adopt_token, {}),
              static_cast<std::uint64_t>(a.number), a.attempt, asked_at);
    co_return true;
}

task<void> scheduler::impl::take_manual(job_ptr job, nanoseconds delay) {
    if (job->taking) co_return;
    job->taking = true;
    if (delay.count() > 0) co_await rt_.sleep_until(rt_.now() + delay);
    while (!stopping_ && !job->removed && job->generation != 0) {
        if (job->take_token.empty()) job->take_token = owner_id::random(rt_).str();
        schedule::claim_request request{
            .token = job->take_token,
            .node = options_.node,
            .lease = job->spec->lease,
            .generation = job->generation,
            .overlap = std::string(schedule::name_of(job->spec->overlap)),
            .highest_fence = job->highest_fence};
        const auto asked_at = rt_.now();
        const auto answer = co_await job->remote.take(std::move(request));
        if (!answer) {
            co_await store_failed(job, answer.error());
            continue;
        }
        const auto& a = answer.value();
        if (a.what == code::overlap) {
            co_await rest(job, from_unix_ms(a.number) - a.store_now + milliseconds{1});
            continue;
        }
        if (of_another_generation(a.what)) enrol_again(job);
        if (a.what != code::claimed) break;
        begin_run(job, a.last, std::exchange(job->take_token, {}),
                  static_cast<std::uint64_t>(a.number), 1, asked_at);
    }
    job->taking = false;
}

}  // namespace holdfast
