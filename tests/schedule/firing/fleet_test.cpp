// Fleets in virtual time: every fire time once, whatever clocks, stores and instances do.
#include "schedule/firing/fleet.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

constexpr auto every_two_seconds = "*/2 * * * * *";

struct fleet_of_three : testing::Test {
    void start(std::vector<microseconds> offsets, milliseconds span = milliseconds{50},
               std::function<void(job_spec&)> change = {}) {
        for (const auto offset : offsets) {
            auto& one = all.add(offset);
            auto spec = all.job(one, every_two_seconds, span);
            if (change) change(spec);
            std::vector<job_spec> jobs{spec};
            one.schedule.replace_jobs(std::move(jobs)).value();
            one.start();
        }
    }
    /// No fire time twice, none missing between the first and the last.
    void expect_each_once(std::size_t at_least) {
        const auto times = all.log.times();
        ASSERT_GE(times.size(), at_least);
        auto expected = times.begin()->first;
        for (const auto& [fire_time, count] : times) {
            EXPECT_EQ(count, 1u) << to_unix_ms(fire_time);
            EXPECT_EQ(fire_time, expected);
            expected = fire_time + seconds{2};
        }
        EXPECT_EQ(all.log.ended.size(), times.size());
    }
    unsigned claims() const {
        unsigned n = 0;
        for (const auto& one : all.instances) {
            const auto found = one->faults.calls.find("schedule/claim");
            if (found != one->faults.calls.end()) n += found->second;
        }
        return n;
    }
    fleet all;
};

TEST_F(fleet_of_three, runs_each_fire_time_once_with_about_one_claim) {
    start({{}, {}, {}});
    all.world.run_for(minutes{10});
    expect_each_once(298);
    EXPECT_LT(claims(), 320u);
    std::size_t refusals = 0;
    for (const auto& one : all.instances) refusals += one->events.count(event_kind::firing_refused);
    EXPECT_GE(refusals, 2 * 295u);  // the two others say who has it
    for (const auto& run : all.log.begun) EXPECT_LT(run.at - run.fire_time, milliseconds{300});
}

TEST_F(fleet_of_three, tolerates_clocks_that_differ) {
    start({milliseconds{-900}, milliseconds{0}, milliseconds{800}});
    all.world.run_for(minutes{10});
    expect_each_once(298);
}

TEST_F(fleet_of_three, an_instance_with_an_impossible_clock_fires_nothing) {
    start({minutes{5}, {}, minutes{-5}});
    all.world.run_for(minutes{5});
    expect_each_once(148);
    for (const auto& run : all.log.begun) EXPECT_EQ(run.node, "n2");
    EXPECT_LT(claims(), 1000u);  // nor does it keep asking
}

TEST_F(fleet_of_three, survives_lost_replies) {
    start({{}, {}, {}});
    for (auto& one : all.instances) one->faults.lose_every = 3;
    all.world.run_for(minutes{10});
    expect_each_once(298);
}

TEST_F(fleet_of_three, a_crash_loses_and_repeats_nothing) {
    start({{}, {}, {}});
    for (std::size_t i = 0; i < 2; ++i) {
        all.world.run_for(seconds{30} + milliseconds{500});
        all.instances[i]->node.crash();
    }
    all.world.run_for(minutes{2});
    expect_each_once(88);
}

TEST_F(fleet_of_three, a_crash_between_claim_and_start_hands_the_run_on) {
    start({{}, {}, {}});
    all.world.run_for(seconds{20});
    // At the instant when one has claimed and has not begun.
    const auto begun = all.log.begun.size();
    auto claimed = [&] {
        for (auto& one : all.instances)
            if (one->events.count(event_kind::firing_claimed) >
                one->events.count(event_kind::firing_started)) {
                one->node.crash();
                return true;
            }
        return false;
    };
    ASSERT_TRUE(all.world.run_until(claimed, seconds{10}));
    EXPECT_EQ(all.log.begun.size(), begun);
    all.world.run_for(minutes{2});
    expect_each_once(65);
}

TEST_F(fleet_of_three, a_run_that_had_begun_is_abandoned_and_the_next_ones_are_not_lost) {
    start({{}, {}, {}}, milliseconds{500});
    all.world.run_for(seconds{21});
    const auto running = [&] { return all.log.begun.size() > all.log.ended.size(); };
    ASSERT_TRUE(all.world.run_until(running, seconds{10}));
    const auto cut = all.log.begun.back();
    all.instances[static_cast<std::size_t>(cut.node[1] - '1')]->node.crash();
    all.world.run_for(minutes{2});
    const auto times = all.log.times();
    for (const auto& [fire_time, count] : times) EXPECT_EQ(count, 1u);
    const auto span = times.rbegin()->first - times.begin()->first;
    EXPECT_EQ(static_cast<std::size_t>(span / seconds{2}) + 1, times.size());
    const auto idle = [&] { return all.log.ended.size() + 1 == all.log.begun.size(); };
    EXPECT_TRUE(all.world.run_until(idle, seconds{2}));
}

TEST_F(fleet_of_three, rerun_begins_again_with_a_higher_fence) {
    start({{}, {}, {}}, milliseconds{500},
          [](job_spec& spec) { spec.on_crash = crash_policy::rerun; });
    all.world.run_for(seconds{21});
    const auto running = [&] { return all.log.begun.size() > all.log.ended.size(); };
    ASSERT_TRUE(all.world.run_until(running, seconds{10}));
    const auto cut = all.log.begun.back();
    all.instances[static_cast<std::size_t>(cut.node[1] - '1')]->node.crash();
    all.world.run_for(minutes{1});
    std::vector<work_log::entry> runs;
    for (const auto& e : all.log.ended)
        if (e.fire_time == cut.fire_time) runs.push_back(e);
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_EQ(runs[0].attempt, 2u);
    EXPECT_GT(runs[0].fence, cut.fence);
    EXPECT_NE(runs[0].node, cut.node);
}

TEST_F(fleet_of_three, a_paused_winner_stops_before_the_next_owner_begins) {
    start({{}, {}, {}}, seconds{60}, [](job_spec& spec) {
        spec.on_crash = crash_policy::rerun;
        spec.schedule = "0 * * * * *";
    });
    const auto running = [&] { return !all.log.begun.empty(); };
    ASSERT_TRUE(all.world.run_until(running, minutes{3}));
    auto& frozen = all.instances[static_cast<std::size_t>(all.log.begun[0].node[1] - '1')]->node;
    frozen.pause();
    const auto adopted = [&] { return all.log.begun.size() == 2; };
    ASSERT_TRUE(all.world.run_until(adopted, minutes{2}));
    frozen.resume();
    all.world.run_for(seconds{50});
    EXPECT_TRUE(all.log.ended.empty());  // the frozen one did not go on
    all.world.run_for(seconds{20});
    ASSERT_FALSE(all.log.ended.empty());
    EXPECT_EQ(all.log.ended[0].fence, all.log.begun[1].fence);
}

TEST_F(fleet_of_three, catches_up_after_the_store_was_away) {
    start({{}, {}, {}});
    all.world.run_for(seconds{31});
    for (auto& one : all.instances) one->faults.away = true;
    all.world.run_for(seconds{20});
    const auto before = all.log.begun.size();
    for (auto& one : all.instances) one->faults.away = false;
    all.world.run_for(seconds{60});
    expect_each_once(54);
    EXPECT_GT(all.log.begun.size(), before + 38);
}

TEST_F(fleet_of_three, a_rolled_back_store_does_not_repeat_what_anybody_remembers) {
    start({{}, {}, {}});
    all.world.run_for(seconds{31});
    all.server.engine().roll_back(20);
    all.world.run_for(seconds{31});
    for (const auto& [fire_time, count] : all.log.times()) EXPECT_EQ(count, 1u);
    EXPECT_GE(all.log.times().size(), 30u);
}

TEST_F(fleet_of_three, a_register_left_in_the_future_makes_nobody_spin) {
    start({{}, {}, {}});
    all.world.run_for(seconds{21});
    const auto step = [&](microseconds by) {
        all.server.step_clock(by);
        for (auto& one : all.instances) one->node.step_wall_clock(by);
    };
    step(hours{1});
    all.world.run_for(minutes{2});
    step(hours{-1});
    const auto before = all.log.begun.size();
    start({{}, {}, {}});  // they find the register an hour ahead
    all.world.run_for(minutes{3});
    EXPECT_GE(all.log.begun.size(), before + 50);
    EXPECT_LT(claims(), 1000u);
}

TEST_F(fleet_of_three, a_lost_store_is_registered_again_and_fences_keep_rising) {
    start({{}, {}, {}});
    all.world.run_for(seconds{31});
    all.server.engine().restore(embedded::keyspace());
    all.world.run_for(seconds{31});
    for (const auto& [fire_time, count] : all.log.times()) EXPECT_EQ(count, 1u);
    EXPECT_GE(all.log.times().size(), 30u);
    for (std::size_t i = 1; i < all.log.begun.size(); ++i)
        EXPECT_GT(all.log.begun[i].fence, all.log.begun[i - 1].fence);
}

// Whoever fires next puts the register back; the others are no less current.
TEST_F(fleet_of_three, after_lost_stores_all_instances_are_there_to_take_over) {
    start({{}, {}, {}});
    for (int losses = 0; losses < 3; ++losses) {
        all.world.run_for(seconds{31});
        all.server.engine().restore(embedded::keyspace());
    }
    all.world.run_for(seconds{31});
    for (const auto& one : all.instances) EXPECT_EQ(one->schedule.jobs()[0].state, "active");
    for (std::size_t i = 0; i < 2; ++i) all.instances[i]->node.crash();
    all.world.run_for(seconds{30});  // the last one's turn comes when the others count as gone
    const auto before = all.log.begun.size();
    all.world.run_for(minutes{1});
    EXPECT_NEAR(static_cast<double>(all.log.begun.size() - before), 30, 1);
}

TEST_F(fleet_of_three, an_older_definition_stops_firing_when_a_newer_one_comes) {
    start({{}, {}});
    all.world.run_for(seconds{20});
    auto& third = all.add();
    auto spec = all.job(third, "*/5 * * * * *", milliseconds{50});
    std::vector<job_spec> jobs{spec};
    third.schedule.replace_jobs(std::move(jobs)).value();
    third.start();
    all.world.run_for(seconds{4});
    const auto before = all.log.begun.size();
    all.world.run_for(minutes{1});
    EXPECT_NEAR(static_cast<double>(all.log.begun.size() - before), 12, 1);
    for (std::size_t i = before; i < all.log.begun.size(); ++i)
        EXPECT_EQ(all.log.begun[i].node, "n3");
    EXPECT_EQ(all.instances[0]->schedule.jobs()[0].state, "stale");
}

// What ran before a new definition came is not forgotten with the old one.
TEST_F(fleet_of_three, a_new_definition_remembers_what_has_run) {
    start({{}});
    all.world.run_for(seconds{31});
    auto& one = *all.instances[0];
    one.faults.away = true;
    std::vector<job_spec> jobs{all.job(one, every_two_seconds, milliseconds{50})};
    jobs[0].timeout = minutes{7};
    one.schedule.replace_jobs(std::move(jobs)).value();
    all.server.engine().roll_back(20);
    one.faults.away = false;
    all.world.run_for(seconds{31});
    for (const auto& [fire_time, count] : all.log.times()) EXPECT_EQ(count, 1u);
    EXPECT_GE(all.log.times().size(), 30u);
}

// A roll-out that is taken back: those that had given way are needed again.
TEST_F(fleet_of_three, an_older_definition_fires_again_when_it_is_brought_back) {
    start({{}, {}});
    all.world.run_for(seconds{20});
    auto& third = all.add();
    const auto deploy = [&](const char* expression) {
        std::vector<job_spec> jobs{all.job(third, expression, milliseconds{50})};
        third.schedule.replace_jobs(std::move(jobs)).value();
    };
    deploy("*/5 * * * * *");
    third.start();
    all.world.run_for(minutes{1});
    deploy(every_two_seconds);
    all.world.run_for(minutes{1});
    for (const auto& one : all.instances) EXPECT_EQ(one->schedule.jobs()[0].state, "active");
    third.node.crash();
    all.world.run_for(minutes{1});
    const auto before = all.log.begun.size();
    all.world.run_for(minutes{1});
    EXPECT_NEAR(static_cast<double>(all.log.begun.size() - before), 30, 1);
}

}  // namespace
}  // namespace holdfast::test
