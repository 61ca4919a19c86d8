// Schedulers with a job of each policy, which work for a few seconds.
#include "holdfast/schedule.hpp"
#include "sim/schedule_checker.hpp"
#include "sim/workload.hpp"

#include <memory>
#include <string>
#include <utility>

namespace holdfast::sim {
namespace {

constexpr nanoseconds one_step = milliseconds{500};
constexpr milliseconds late_from{60'000};
constexpr milliseconds soon_late{20'000};  // so that the newest fire time of all can be too late
constexpr std::size_t caught_up = 3;

class schedule_workload final : public workload {
public:
    schedule_workload(simulation::fleet& of, referee& to, random draws)
        : workload(of, to),
          period_(of.slow_rhythm() ? minutes{5} : minutes{1}),
          checker_(of, to, period_,
                   {{"lossy", {true, 0, soon_late}},
                    {"once", {true, 1, late_from}},
                    {"surely", {false, caught_up, late_from}}}),
          draws_(draws) {}

    task<void> run(process& self) override;
    void on_script(const executed& done) override { checker_.on_script(done); }
    void on_event(const process& by, const event& happened) override {
        const bool stands_by =
            happened.kind == event_kind::firing_refused && happened.detail == "stale definition";
        if (stands_by)  // all instances have the same
            judge.fail("progress", by.node + " takes its definition for an outdated one");
    }
    void on_unknown(const process&, std::string_view script) override {
        if (script == "schedule/claim") judge.mark("schedule: claim without a reply");
    }
    void healed() override { checker_.on_healed(); }
    void finish() override { checker_.finish(); }

private:
    job_spec job(process& self, const std::string& name, misfire_policy::kind when_late,
                 milliseconds threshold = late_from);
    task<result<void>> work(process& self, job_context& context);

    minutes period_;
    schedule_checker checker_;
    random draws_;
};

task<void> schedule_workload::run(process& self) {
    scheduler_options options{.node = self.node};
    options.presence_ttl = home.slow_rhythm() ? minutes{2} : minutes{1};
    if (home.slow_rhythm()) options.sweep_interval = minutes{2};
    scheduler jobs(self.rt, self.shared, self.events, std::move(options));
    using late = misfire_policy::kind;
    std::vector<job_spec> specs{job(self, "lossy", late::skip, soon_late),
                                job(self, "once", late::fire_once),
                                job(self, "surely", late::fire_all)};
    specs.back().on_crash = crash_policy::rerun;
    jobs.replace_jobs(std::move(specs)).value();
    co_await jobs.run();
}

job_spec schedule_workload::job(process& self, const std::string& name,
                                misfire_policy::kind when_late, milliseconds threshold) {
    function_work call{"sim.work",
                       [this, &self](job_context& context) { return work(self, context); }};
    const auto when = "0 */" + std::to_string(period_.count()) + " * * * *";
    job_spec spec(job_name(name), when, std::move(call));
    spec.misfire = {.what = when_late, .max_runs = caught_up, .threshold = threshold};
    return spec;
}

task<result<void>> schedule_workload::work(process& self, job_context& context) {
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
