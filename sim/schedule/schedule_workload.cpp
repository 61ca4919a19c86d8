// Schedulers with a job of each policy, which work for a few seconds. New definitions are rolled
// out, instance by instance; now and then one is drained and begins anew.
#include "holdfast/schedule.hpp"
#include "sim/schedule/job_operator.hpp"
#include "sim/schedule/schedule_checker.hpp"
#include "sim/workload.hpp"

#include <algorithm>
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
constexpr std::uint32_t failing_per_million = 50'000;   // works
constexpr std::uint32_t lasting_per_million = 100'000;  // past the next fire time
constexpr nanoseconds rolled_out_within = minutes{1};

class schedule_workload final : public workload {
public:
    schedule_workload(simulation::fleet& of, referee& to, random draws)
        : workload(of, to),
          period_(of.slow_rhythm() ? minutes{5} : minutes{1}),
          new_edition_every_(draws.around(of.slow_rhythm() ? hours{3} : minutes{20})),
          versioned_(draws.chance(500'000)),
          from_anchor_(draws.chance(500'000)),
          lossy_replaces_(!of.slow_rhythm() && draws.chance(500'000)),
          once_overlaps_(!of.slow_rhythm() && draws.chance(500'000)),
          checker_(of, to, period_,
                   {{"lossy", {true, 0, soon_late}},
                    {"once", {true, 1, late_from, from_anchor_, once_overlaps_}},
                    {"surely", {false, caught_up, late_from}}}),
          desk_(of, to, checker_, {"lossy", "once", "surely"}, draws.fork()),
          draws_(draws) {}

    task<void> run(process& self) override;
    void on_script(const executed& done) override { checker_.on_script(done); }
    void on_unknown(const process&, std::string_view script) override {
        if (script == "schedule/claim") judge.mark("schedule: claim without a reply");
    }
    void healed() override {
        last_edition_ = edition();
        checker_.on_healed();
    }
    void finish() override { checker_.finish(); }

private:
    /// Of the definitions, as new processes have them. The last one comes before healing.
    std::uint64_t edition() const {
        const auto passed = now().time_since_epoch() / new_edition_every_;
        return last_edition_.value_or(static_cast<std::uint64_t>(passed) + 1);
    }
    /// A scheduler and what it has to do with this fleet, until it is drained.
    struct instance {
        std::shared_ptr<scheduler> jobs;
        std::uint64_t edition;
        std::size_t works = 0;  ///< going on
        bool drained = false;
    };
    std::shared_ptr<instance> begin(process& self);
    task<void> roll_out(process& self, std::shared_ptr<instance> at);
    task<void> drain(process& self, std::shared_ptr<instance> at);
    std::vector<job_spec> jobs_of(process& self, instance& at);
    job_spec job(process& self, instance& at, const std::string& name,
                 misfire_policy::kind when_late, milliseconds threshold = late_from);
    nanoseconds length_of(const std::string& job);
    task<result<void>> work(process& self, instance& at, std::uint64_t edition,
                            job_context& context);

    minutes period_;
    nanoseconds new_edition_every_;
    bool versioned_, from_anchor_, lossy_replaces_, once_overlaps_;
    std::optional<std::uint64_t> last_edition_;
    schedule_checker checker_;
    job_operator desk_;
    random draws_;
};

task<void> schedule_workload::run(process& self) {
    auto& host = host_of(self);
    host.spawn(desk_.ask_for_runs(self));
    if (host.index() == 0) host.spawn(desk_.pause_and_resume(self));
    for (;;) {
        const auto at = begin(self);
        host.spawn(roll_out(self, at));
        host.spawn(drain(self, at));
        co_await at->jobs->run();
        at->drained = true;
        judge.mark("schedule: drained");
        if (at->works > 0)
            judge.fail("drain", self.node + " was drained and " + std::to_string(at->works) +
                                    " of its runs go on");
    }
}

std::shared_ptr<schedule_workload::instance> schedule_workload::begin(process& self) {
    scheduler_options options{.node = self.node};
    options.presence_ttl = home.slow_rhythm() ? minutes{2} : minutes{1};
    if (home.slow_rhythm()) options.sweep_interval = minutes{2};
    auto at = std::make_shared<instance>(
        std::make_shared<scheduler>(self.rt, self.shared, self.events, std::move(options)),
        edition());
    host_of(self).keep(at);  // past the frames of its works
    at->jobs->replace_jobs(jobs_of(self, *at)).value();
    return at;
}

// Instances have the next edition at different times, and some never: they are restarted first.
task<void> schedule_workload::roll_out(process& self, std::shared_ptr<instance> at) {
    while (last_edition_ != at->edition) {
        const auto next = new_edition_every_ * static_cast<std::int64_t>(at->edition);
        const auto left = std::max(next - now().time_since_epoch(), nanoseconds{0});
        const auto lag = draws_.between(nanoseconds{0}, rolled_out_within);
        co_await self.rt.sleep_until(self.rt.now() + left + lag);
        if (at->drained) co_return;
        if (edition() == at->edition) continue;
        at->edition = edition();
        judge.mark("schedule: new definition rolled out");
        at->jobs->replace_jobs(jobs_of(self, *at)).value();
    }
}

task<void> schedule_workload::drain(process& self, std::shared_ptr<instance> at) {
    const auto typical = home.slow_rhythm() ? hours{4} : hours{1};
    co_await self.rt.sleep_until(self.rt.now() + draws_.around(typical));
    const auto grace = std::chrono::floor<milliseconds>(draws_.around(seconds{3}));
    co_await at->jobs->drain(grace);
}

std::vector<job_spec> schedule_workload::jobs_of(process& self, instance& at) {
    using late = misfire_policy::kind;
    std::vector<job_spec> specs{job(self, at, "lossy", late::skip, soon_late),
                                job(self, at, "once", late::fire_once),
                                job(self, at, "surely", late::fire_all)};
    if (lossy_replaces_) specs[0].overlap = overlap_policy::replace;
    if (once_overlaps_) specs[1].overlap = overlap_policy::allow;
    if (from_anchor_) specs[1].schedule = "@every " + std::to_string(period_.count()) + "m";
    specs[2].on_crash = crash_policy::rerun;
    specs[2].retry = {.max_attempts = 3, .first_delay = seconds{1}, .max_delay = seconds{2}};
    return specs;
}

job_spec schedule_workload::job(process& self, instance& at, const std::string& name,
                                misfire_policy::kind when_late, milliseconds threshold) {
    auto call = [this, &self, &at, edition = at.edition](job_context& context) {
        return work(self, at, edition, context);
    };
    const auto when = "0 */" + std::to_string(period_.count()) + " * * * *";
    job_spec spec(job_name(name), when,
                  function_work{"sim.work." + std::to_string(at.edition), std::move(call)});
    spec.misfire = {.what = when_late, .max_runs = caught_up, .threshold = threshold};
    if (versioned_) spec.version = at.edition;
    return spec;
}

nanoseconds schedule_workload::length_of(const std::string& job) {
    const bool may_last = job == "lossy" ? lossy_replaces_ : job == "once" && once_overlaps_;
    if (!may_last || !draws_.chance(lasting_per_million)) return draws_.around(seconds{5});
    return draws_.between(nanoseconds(period_) * 9 / 10, nanoseconds(period_) * 17 / 10);
}

task<result<void>> schedule_workload::work(process& self, instance& at, std::uint64_t edition,
                                           job_context& context) {
    if (checker_.settled() && edition != last_edition_)
        judge.fail("definition", context.firing().key() + " was run on " + self.node +
                                     " by a definition that was replaced");
    struct presence {
        presence(std::shared_ptr<work_under_way> mine, instance& on, world& in)
            : of(std::move(mine)), at(on), space(in) {
            ++at.works;
        }
        ~presence() {
            of->ended_at = space.now();
            --at.works;
        }
        std::shared_ptr<work_under_way> of;
        instance& at;
        world& space;
    };
    const presence here(checker_.on_begin(self, host_of(self), context), at, home.space);
    const auto until = self.rt.now() + length_of(context.firing().job.str());
    while (self.rt.now() < until && !context.stop().stop_requested())
        co_await self.rt.sleep_until(self.rt.now() + one_step);
    if (context.stop().stop_requested()) {
        judge.mark("schedule: run told to stop");
        co_return errc::cancelled;
    }
    if (draws_.chance(failing_per_million)) co_return errc::store_unavailable;
    co_return result<void>();
}

}  // namespace

std::unique_ptr<workload> make_schedule_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<schedule_workload>(of, to, draws);
}

}  // namespace holdfast::sim
