// Schedulers over calendars that are set wrong and right again.
#include "holdfast/schedule.hpp"
#include "holdfast/simulation.hpp"
#include "sim/fleet.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace holdfast::sim {
namespace {

task<result<void>> count(process& self, int& runs, nanoseconds span) {
    ++runs;
    co_await self.rt.sleep_until(self.rt.now() + span);
    co_return result<void>();
}

task<void> count_minutes(process& self, int& runs, nanoseconds span = nanoseconds{0}) {
    function_work call{"count",
                       [&self, &runs, span](job_context&) { return count(self, runs, span); }};
    scheduler jobs(self.rt, self.shared, self.events, {.node = self.node});
    std::vector<job_spec> specs;
    specs.emplace_back(job_name("every-minute"), "0 * * * * *", std::move(call));
    jobs.replace_jobs(std::move(specs)).value();
    co_await jobs.run();
}

simulation_options two_without_faults() {
    simulation_options options;
    options.nodes = 2;
    options.faults = {};
    return options;
}

// The hour that was fired ahead of its time does not have to pass again.
TEST(schedule_clock, a_calendar_that_steps_back_an_hour_delays_nothing_by_an_hour) {
    int runs = 0;
    simulation sim(two_without_faults());
    sim.on_every_node([&](process& self) { return count_minutes(self, runs); });
    auto& inside = sim.inside();
    const auto step_everything = [&](minutes by) {
        inside.server.step_clock(by);
        for (auto& one : inside.space.nodes()) one->step_wall_clock(by);
    };
    sim.run_for(minutes{10});
    EXPECT_GE(runs, 9);
    step_everything(hours{1});
    sim.run_for(minutes{10});
    step_everything(-hours{1});
    runs = 0;
    sim.run_for(minutes{10});
    EXPECT_GE(runs, 8);
    EXPECT_LE(runs, 10);
}

// Nothing overlaps with a run that is over, whenever the store says it ended.
TEST(schedule_clock, a_run_that_ends_while_the_store_is_ahead_hides_no_later_fire_time) {
    int runs = 0;
    simulation sim(two_without_faults());
    sim.on_every_node([&](process& self) { return count_minutes(self, runs, seconds{4}); });
    auto& store = sim.inside().server;
    sim.run_for(minutes{3} - seconds{1});
    runs = 0;
    sim.run_for(seconds{3});
    ASSERT_EQ(runs, 1);
    store.step_clock(minutes{30});
    sim.run_for(seconds{20});
    store.step_clock(-minutes{30});
    sim.run_for(minutes{10});
    EXPECT_GE(runs, 10);
}

}  // namespace
}  // namespace holdfast::sim
