// Virtual time: order, pauses, crashes, cancellation.
#include "sim/world/world.hpp"

#include "runtime/deadline.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace holdfast::sim {
namespace {

TEST(world, time_jumps_from_event_to_event_on_all_nodes) {
    world world;
    auto& a = world.add_node();
    auto& b = world.add_node(seconds{5});
    std::vector<int> order;
    auto sleeper = [&](node& node, int hour) -> task<void> {
        co_await node.sleep_until(steady_time{hours{hour}});
        order.push_back(hour);
    };
    a.spawn(sleeper(a, 2));
    b.spawn(sleeper(b, 1));
    a.spawn(sleeper(a, 3));
    EXPECT_EQ(b.wall_now() - a.wall_now(), seconds{5});
    world.run_for(hours{2});
    EXPECT_EQ(order, (std::vector{1, 2}));
    EXPECT_EQ(world.now(), steady_time{hours{2}});
    EXPECT_TRUE(world.run_until([&] { return order.size() == 3; }, hours{5}));
    EXPECT_EQ(world.now(), steady_time{hours{3}});
    EXPECT_FALSE(world.run_until([] { return false; }, hours{1}));
}

TEST(world, a_paused_node_wakes_late_and_a_crashed_one_never) {
    world world;
    auto& node = world.add_node();
    steady_time woken{};
    auto sleeper = [&]() -> task<void> {
        co_await node.sleep_until(steady_time{seconds{1}});
        woken = node.now();
    };
    node.spawn(sleeper());
    world.run_for(milliseconds{1});
    node.pause();
    world.run_for(seconds{10});
    EXPECT_EQ(woken, steady_time{});
    node.resume();
    world.run_for(milliseconds{1});
    EXPECT_EQ(woken, steady_time{seconds{10}} + milliseconds{1});
    woken = {};
    node.crash();
    node.resume();
    node.spawn(sleeper());
    world.run_for(seconds{10});
    EXPECT_EQ(woken, steady_time{});
}

TEST(world, a_node_that_goes_on_looks_at_its_clock_first_and_next_time_at_what_has_arrived) {
    world world;
    auto& node = world.add_node();
    std::vector<std::string> order;
    auto sleeper = [&](steady_time until) -> task<void> {
        co_await node.sleep_until(until);
        order.push_back("clock");
    };
    auto pass_on = [&] { node.post([&] { order.push_back("arrived"); }); };
    for (int turn = 0; turn < 2; ++turn) {
        node.spawn(sleeper(node.now() + seconds{1}));
        world.run_for(milliseconds{1});
        node.pause();
        node.post(pass_on);  // two turns of the loop, as a reply takes to reach a coroutine
        world.run_for(seconds{10});
        node.resume();
        world.run_for(milliseconds{1});
    }
    EXPECT_EQ(order, (std::vector<std::string>{"clock", "arrived", "arrived", "clock"}));
}

TEST(world, sleeps_can_be_cancelled) {
    world world;
    auto& node = world.add_node();
    bool first = true;
    auto race = [&]() -> task<void> {
        first = co_await before_deadline(node, steady_time{seconds{1}},
                                         node.sleep_until(steady_time::max()));
    };
    node.spawn(race());
    world.run_for(seconds{2});
    EXPECT_FALSE(first);
}

}  // namespace
}  // namespace holdfast::sim
