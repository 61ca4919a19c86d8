// Schedulers over calendars that are set wrong and right again.
#include "holdfast/schedule.hpp"
#include "quiet_fleet.hpp"
#include "sim/world/fleet.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace holdfast::sim {
namespace {

/// What the job did.
struct counter {
    int runs = 0;
    std::string last_on = {};
};

task<result<void>> count(process& self, counter& seen, nanoseconds span) {
    ++seen.runs;
    seen.last_on = self.node;
    co_await self.rt.sleep_until(self.rt.now() + span);
    co_return result<void>();
}

task<void> count_minutes(process& self, counter& seen, nanoseconds span = nanoseconds{0}) {
    function_work call{"count",
                       [&self, &seen, span](job_context&) { return count(self, seen, span); }};
    scheduler jobs(self.rt, self.shared, self.events, {.node = self.node});
    std::vector<job_spec> specs;
    specs.emplace_back(job_name("every-minute"), "0 * * * * *", std::move(call));
    jobs.replace_jobs(std::move(specs)).value();
    co_await jobs.run();
}

void step_everything(simulation& sim, minutes by) {
    sim.inside().server.step_clock(by);
    for (auto& one : sim.inside().space.nodes()) one->step_wall_clock(by);
}

// The hour that was fired ahead of its time does not have to pass again.
TEST(schedule_clock, a_calendar_that_steps_back_an_hour_delays_nothing_by_an_hour) {
    counter seen;
    simulation sim(quiet_fleet(2));
    sim.on_every_node([&](process& self) { return count_minutes(self, seen); });
    sim.run_for(minutes{10});
    EXPECT_GE(seen.runs, 9);
    step_everything(sim, hours{1});
    sim.run_for(minutes{10});
    step_everything(sim, -hours{1});
    seen.runs = 0;
    sim.run_for(minutes{10});
    EXPECT_GE(seen.runs, 8);
    EXPECT_LE(seen.runs, 10);
}

// Nothing overlaps with a run that is over, whenever the store says it ended.
TEST(schedule_clock, a_run_that_ends_while_the_store_is_ahead_hides_no_later_fire_time) {
    counter seen;
    simulation sim(quiet_fleet(2));
    sim.on_every_node([&](process& self) { return count_minutes(self, seen, seconds{4}); });
    auto& store = sim.inside().server;
    sim.run_for(minutes{3} - seconds{1});
    seen.runs = 0;
    sim.run_for(seconds{3});
    ASSERT_EQ(seen.runs, 1);
    store.step_clock(minutes{30});
    sim.run_for(seconds{20});
    store.step_clock(-minutes{30});
    sim.run_for(minutes{10});
    EXPECT_GE(seen.runs, 10);
}

// Its instance is dead, and nobody else believed in it for longer than that.
TEST(schedule_clock,
     a_lease_given_by_a_clock_that_was_ahead_holds_up_its_job_no_longer_than_another) {
    counter seen;
    simulation sim(quiet_fleet(2));
    sim.on_every_node([&](process& self) { return count_minutes(self, seen, seconds{20}); });
    sim.run_for(minutes{3});
    step_everything(sim, minutes{30});
    seen.runs = 0;
    ASSERT_TRUE(sim.run_until([&] { return seen.runs > 0; }, minutes{2}));
    for (auto& one : sim.inside().space.nodes())
        if (one->name() == seen.last_on) one->crash();
    step_everything(sim, -minutes{30});
    seen.runs = 0;
    sim.run_for(minutes{10});
    EXPECT_GE(seen.runs, 6);
}

}  // namespace
}  // namespace holdfast::sim
