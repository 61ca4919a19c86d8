// Schedulers with an at-most-once and an at-least-once job, and what is checked of their firings.
#include "holdfast/schedule.hpp"
#include "sim/store_view.hpp"
#include "sim/workload.hpp"

#include <charconv>
#include <map>
#include <string>
#include <utility>

namespace holdfast::sim {
namespace {

constexpr auto every_minute = "0 * * * * *";
constexpr nanoseconds one_step = milliseconds{500};
constexpr nanoseconds settled_after = minutes{4};  // presence, leases and back-off of the bad time
constexpr nanoseconds may_still_run = minutes{2};

/// One fire time of one job, as clients and the store saw it.
struct firing {
    std::string token;  ///< of the claim
    std::uint64_t losses = 0;
    steady_time claimed_at{};
    unsigned begun = 0;
    bool at_least_once = false;
};

std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

class schedule_workload final : public workload {
public:
    schedule_workload(simulation::fleet& of, referee& to, random draws)
        : workload(of, to), draws_(draws) {}

    task<void> run(process& self) override;
    void on_script(const executed& done) override;
    void on_unknown(const process&, std::string_view script) override {
        if (script == "schedule/claim") judge.mark("schedule: claim without a reply");
    }
    void healed() override { healed_at_ = now(); }
    void finish() override;

private:
    using firing_key = std::pair<std::string, std::int64_t>;  // job, fire time (ms)

    job_spec job(process& self, const std::string& name, crash_policy on_crash);
    task<result<void>> work(process& self, job_context& context);
    void on_claim(const executed& done);
    void on_fence(const std::string& job, std::int64_t fence);
    void on_begin(const process& by, const job_context& context);

    random draws_;
    std::map<firing_key, firing> firings_;
    std::map<std::string, std::int64_t> highest_fence_;
    std::map<std::string, std::uint64_t> fence_losses_;
    std::optional<steady_time> healed_at_;
};

task<void> schedule_workload::run(process& self) {
    scheduler_options options{.node = self.node};
    options.presence_ttl = seconds{60};
    scheduler jobs(self.rt, self.shared, self.events, std::move(options));
    std::vector<job_spec> specs{job(self, "once", crash_policy::abandon),
                                job(self, "surely", crash_policy::rerun)};
    jobs.replace_jobs(std::move(specs)).value();
    co_await jobs.run();
}

job_spec schedule_workload::job(process& self, const std::string& name, crash_policy on_crash) {
    function_work call{"sim.work",
                       [this, &self](job_context& context) { return work(self, context); }};
    job_spec spec(job_name(name), every_minute, std::move(call));
    spec.on_crash = on_crash;
    return spec;
}

task<result<void>> schedule_workload::work(process& self, job_context& context) {
    on_begin(self, context);
    const auto until = self.rt.now() + draws_.around(seconds{5});
    while (self.rt.now() < until && !context.stop().stop_requested())
        co_await self.rt.sleep_until(self.rt.now() + one_step);
    if (context.stop().stop_requested()) {
        judge.mark("schedule: run told to stop");
        co_return errc::cancelled;
    }
    co_return result<void>();
}

void schedule_workload::on_begin(const process& by, const job_context& context) {
    const auto& id = context.firing();
    auto& of = firings_[{id.job.str(), to_unix_ms(id.fire_time)}];
    ++of.begun;
    if (context.attempt() > 1) judge.mark("schedule: run again by another instance");
    if (id.job.str() == "once" && of.begun > 1 && of.losses == home.server.losses())
        judge.fail("at most once", id.key() + " was begun again on " + by.node);
}

void schedule_workload::on_script(const executed& done) {
    if (done.what.name == "schedule/claim") on_claim(done);
    if (done.what.name != "schedule/adopt" || !done.answer) return;
    if ((*done.answer)[0].as_text() != "ADOPTED") return;
    judge.mark("schedule: claim adopted after a crash");
}

void schedule_workload::on_claim(const executed& done) {
    if (!done.answer || done.args.size() < 17) return;
    const auto code = (*done.answer)[0].as_text();
    if (code == "SKEW") judge.mark("schedule: clocks too far apart");
    if (code != "CLAIMED") return;
    const auto& job = done.args[16];
    auto& of = firings_[{job, number(done.args[0])}];
    if (of.token == done.args[1]) {
        judge.mark("schedule: claim repeated after a lost reply");
        return;
    }
    const auto losses = home.server.losses();
    if (!of.token.empty() && of.losses == losses)
        judge.fail("one claim", job + " at " + done.args[0] + " was claimed twice, by " +
                                    done.by.name() + " the second time");
    of = {done.args[1], losses, now(), of.losses == losses ? of.begun : 0, job == "surely"};
    on_fence(job, (*done.answer)[1].as_integer());
}

// Excused: data was lost and the store's clock is behind what it showed before.
void schedule_workload::on_fence(const std::string& job, std::int64_t fence) {
    auto& highest = highest_fence_[job];
    auto& losses = fence_losses_[job];
    const bool excused = losses != home.server.losses();
    if (fence <= highest && !excused)
        judge.fail("fence",
                   job + ": " + std::to_string(fence) + " came after " + std::to_string(highest));
    highest = fence;
    losses = home.server.losses();
}

// What was claimed begins, unless the store has forgotten it; what fell due in good times ran.
void schedule_workload::finish() {
    const auto end = now() - may_still_run;
    for (const auto& [key, of] : firings_)
        if (!of.token.empty() && of.claimed_at < end && of.begun == 0 &&
            of.losses == home.server.losses())
            judge.fail("progress", key.first + " at " + std::to_string(key.second) +
                                       " was claimed and never begun");
    const auto first = to_unix_ms(home.space.wall_now() - std::chrono::floor<microseconds>(
                                                              now() - *healed_at_ - settled_after));
    const auto last = to_unix_ms(home.space.wall_now()) - milliseconds(minutes{2}).count();
    for (auto due = first / 60'000 * 60'000 + 60'000; due <= last; due += 60'000)
        for (const auto* job : {"once", "surely"})
            if (firings_[{job, due}].begun == 0)
                judge.fail("progress", std::string(job) + " at " + std::to_string(due) +
                                           " fell due after healing and did not run");
}

}  // namespace

std::unique_ptr<workload> make_schedule_workload(simulation::fleet& of, referee& to, random draws) {
    return std::make_unique<schedule_workload>(of, to, draws);
}

}  // namespace holdfast::sim
