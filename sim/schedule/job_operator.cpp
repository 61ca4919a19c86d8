// Repeats what it asked until it has heard of it, as people do.
#include "sim/schedule/job_operator.hpp"

#include "schedule/job_admin.hpp"

#include <algorithm>

namespace holdfast::sim {
namespace {

constexpr nanoseconds asks_every = minutes{10};
constexpr nanoseconds pauses_every = minutes{30};
constexpr nanoseconds repeats_after = seconds{5};
constexpr nanoseconds longest_pause = minutes{2};
constexpr nanoseconds looks_again = seconds{30};

}  // namespace

task<void> job_operator::ask_for_runs(process& self) {
    for (;;) {
        co_await self.rt.sleep_until(self.rt.now() + draws_.around(asks_every));
        if (home_.quiet()) continue;
        const job_name job(any_job());
        const auto request = owner_id::random(self.rt);
        auto told = co_await schedule::ask_for_run(self.shared, job, request);
        while (!told) {
            co_await self.rt.sleep_until(self.rt.now() + repeats_after);
            told = co_await schedule::ask_for_run(self.shared, job, request);
        }
        judge_.mark("schedule: asked for a run");
        checker_.on_promised(request.str());
    }
}

// A job that was lost is not paused.
task<void> job_operator::set_paused(process& self, std::string job, std::string by) {
    const job_name name(job);
    auto done = co_await schedule::set_paused(self.shared, name, by);
    while (!done && done.error() != errc::not_found) {
        co_await self.rt.sleep_until(self.rt.now() + repeats_after);
        done = co_await schedule::set_paused(self.shared, name, by);
    }
}

task<void> job_operator::resume_all(process& self) {
    for (const auto& job : jobs_) co_await set_paused(self, job, "");
}

// A process that crashed may have left a job paused, and so may a late copy of a request, or a
// store that was rolled back.
task<void> job_operator::pause_and_resume(process& self) {
    co_await resume_all(self);
    while (!home_.faults.healed()) {
        const auto next = self.rt.now() + draws_.around(pauses_every);
        while (self.rt.now() < next && !home_.faults.healed())
            co_await self.rt.sleep_until(std::min(next, self.rt.now() + looks_again));
        if (home_.quiet() || home_.faults.healed()) continue;
        const auto job = any_job();
        co_await set_paused(self, job, self.node);
        co_await self.rt.sleep_until(self.rt.now() + draws_.between(seconds{20}, longest_pause));
        co_await set_paused(self, job, "");
    }
    for (;;) {
        co_await resume_all(self);
        co_await self.rt.sleep_until(self.rt.now() + looks_again);
    }
}

}  // namespace holdfast::sim
