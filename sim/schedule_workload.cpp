// Schedulers with a job of each policy, which work for a few seconds. New definitions are rolled
// out, instance by instance; somebody asks for runs out of turn.
#include "holdfast/schedule.hpp"
#include "schedule/job_admin.hpp"
#include "sim/schedule_checker.hpp"
#include "sim/workload.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::sim {
namespace {

constexpr nanoseconds one_step = milliseconds{500};
constexpr milliseconds late_from{60'000};
constexpr milliseconds soon_late{20'000};  // so that the newest fire time of all can be too late
constexpr std::size_t caught_up = 3;
constexpr nanoseconds rolled_out_within = minutes{1};
constexpr nanoseconds settled_after = minutes{4};  // clocks that are slow, claims of before

class schedule_workload final : public workload {
public:
    schedule_workload(simulation::fleet& of, referee& to, random draws)
        : workload(of, to),
          period_(of.slow_rhythm() ? minutes{5} : minutes{1}),
          checker_(of, to, period_,
                   {{"lossy", {true, 0, soon_late}},
                    {"once", {true, 1, late_from}},
                    {"surely", {false, caught_up, late_from}}}),
          draws_(draws) {
        versioned_ = draws_.chance(500'000);
        new_edition_every_ = draws_.around(of.slow_rhythm() ? hours{3} : minutes{20});
    }

    task<void> run(process& self) override;
    void on_script(const executed& done) override { checker_.on_script(done); }
    void on_unknown(const process&, std::string_view script) override {
        if (script == "schedule/claim") judge.mark("schedule: claim without a reply");
    }
    void healed() override {
        last_edition_ = edition();
        healed_at_ = now();
        checker_.on_healed();
    }
    void finish() override { checker_.finish(); }

private:
    /// Of the definitions, as new processes have them. The last one comes before healing.
    std::uint64_t edition() const {
        const auto passed = now().time_since_epoch() / new_edition_every_;
        return last_edition_.value_or(static_cast<std::uint64_t>(passed) + 1);
    }
    task<void> roll_out(process& self, scheduler& jobs, std::uint64_t mine);
    task<void> ask_for_runs(process& self);
    std::vector<job_spec> jobs_of(process& self, std::uint64_t edition);
    job_spec job(process& self, std::uint64_t edition, const std::string& name,
                 misfire_policy::kind when_late, milliseconds threshold = late_from);
    task<result<void>> work(process& self, std::uint64_t edition, job_context& context);

    minutes period_;
    nanoseconds new_edition_every_{};
    bool versioned_ = false;
    std::optional<std::uint64_t> last_edition_;
    steady_time healed_at_ = steady_time::max();
    schedule_checker checker_;
    random draws_;
};

task<void> schedule_workload::run(process& self) {
    scheduler_options options{.node = self.node};
    options.presence_ttl = home.slow_rhythm() ? minutes{2} : minutes{1};
    if (home.slow_rhythm()) options.sweep_interval = minutes{2};
    scheduler jobs(self.rt, self.shared, self.events, std::move(options));
    const auto mine = edition();
    jobs.replace_jobs(jobs_of(self, mine)).value();
    host_of(self).spawn(roll_out(self, jobs, mine));
    host_of(self).spawn(ask_for_runs(self));
    co_await jobs.run();
}

// Instances have the next edition at different times, and some never: they are restarted first.
task<void> schedule_workload::roll_out(process& self, scheduler& jobs, std::uint64_t mine) {
    while (last_edition_ != mine) {
        const auto next = new_edition_every_ * static_cast<std::int64_t>(mine);
        const auto left = std::max(next - now().time_since_epoch(), nanoseconds{0});
        const auto lag = draws_.between(nanoseconds{0}, rolled_out_within);
        co_await self.rt.sleep_until(self.rt.now() + left + lag);
        if (edition() == mine) continue;
        mine = edition();
        judge.mark("schedule: new definition rolled out");
        jobs.replace_jobs(jobs_of(self, mine)).value();
    }
}

task<void> schedule_workload::ask_for_runs(process& self) {
    const std::string names[] = {"lossy", "once", "surely"};
    for (;;) {
        co_await self.rt.sleep_until(self.rt.now() + draws_.around(minutes{10}));
        co_await until_busy(self);
        const job_name job(names[draws_.below(std::size(names))]);
        const auto request = owner_id::random(self.rt);
        auto told = co_await schedule::ask_for_run(self.shared, job, request);
        while (!told) {
            co_await self.rt.sleep_until(self.rt.now() + seconds{5});
            told = co_await schedule::ask_for_run(self.shared, job, request);
        }
        checker_.on_promised(request.str());
    }
}

std::vector<job_spec> schedule_workload::jobs_of(process& self, std::uint64_t edition) {
    using late = misfire_policy::kind;
    std::vector<job_spec> specs{job(self, edition, "lossy", late::skip, soon_late),
                                job(self, edition, "once", late::fire_once),
                                job(self, edition, "surely", late::fire_all)};
    specs.back().on_crash = crash_policy::rerun;
    return specs;
}

job_spec schedule_workload::job(process& self, std::uint64_t edition, const std::string& name,
                                misfire_policy::kind when_late, milliseconds threshold) {
    function_work call{
        "sim.work." + std::to_string(edition),
        [=, this, &self](job_context& context) { return work(self, edition, context); }};
    const auto when = "0 */" + std::to_string(period_.count()) + " * * * *";
    job_spec spec(job_name(name), when, std::move(call));
    spec.misfire = {.what = when_late, .max_runs = caught_up, .threshold = threshold};
    if (versioned_) spec.version = edition;
    return spec;
}

task<result<void>> schedule_workload::work(process& self, std::uint64_t edition,
                                           job_context& context) {
    if (healed_at_ < steady_time::max() && now() > healed_at_ + settled_after &&
        edition != last_edition_)
        judge.fail("definition", context.firing().key() + " was run on " + self.node +
                                     " by a definition that was replaced");
    struct presence {
        std::shared_ptr<work_under_way> of;
        ~presence() { of->over = true; }
    };
    const presence here{checker_.on_begin(self, host_of(self), context)};
    const auto until = self.rt.now() + draws_.around(seconds{5});
    while (self.rt.now() < until && !context.stop().stop_requested())
        co_await self.rt.sleep_until(self.rt.now() + one_step);
    if (context.stop().stop_requested()) {
        judge.mark("schedule: run told to stop");
        co_return errc::cancelled;
    }
    co_return result<void>();
}

}  // namespace

std::unique_ptr<workload> make_schedule_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<schedule_workload>(of, to, draws);
}

}  // namespace holdfast::sim
