// What the network does to calls, over a real Redis behind the proxy: no verdict is wrong.
#include "store/redis/redis_world.hpp"

#include "runtime/wake_event.hpp"
#include "support/tcp_proxy.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

using way = tcp_proxy::way;
using flow = tcp_proxy::flow;

struct redis_network : testing::Test {
    void open(const std::string& parameters) {
        world.open(proxy.url() + parameters);
        ASSERT_TRUE(world.start().has_value()) << world.store->problem();
        ASSERT_TRUE(marked("warm").has_value());
    }
    result<reply> marked(const std::string& id) {
        return world.call(mark, script_keys("ids"), script_args(id));
    }
    bool was_executed(const std::string& id) { return server.cli({"SISMEMBER", "ids", id}) == "1"; }
    void hold_the_link_that_is_open() {
        const auto link = proxy.connections().at(0);
        proxy.set(link, way::requests, flow::hold);
        proxy.set(link, way::replies, flow::hold);
    }
    /// Until the link has been built anew `times` more, without a call.
    void await_reconnects(int times) {
        wake_event again(world.runtime.executor());
        const auto registered = world.store->pushes().on_reconnect([&] {
            --times;
            again.notify_all();
        });
        auto back = [&]() -> task<void> {
            while (times > 0) co_await again.wait();
        };
        world.run(back());
    }

    redis_server server;
    tcp_proxy proxy{server.port()};
    redis_world world;
};

TEST_F(redis_network, a_lost_reply_leaves_the_outcome_unknown_and_is_told_at_once) {
    open("?timeout=60000");  // far beyond the test's own limit
    proxy.cut_at_next(way::replies);
    EXPECT_EQ(marked("x").error(), errc::outcome_unknown);
    EXPECT_TRUE(was_executed("x"));
    EXPECT_EQ(marked("x").value().as_integer(), 0) << "repeating adds nothing";
}

TEST_F(redis_network, a_lost_request_is_never_reported_as_done) {
    open("?timeout=60000");
    proxy.cut_at_next(way::requests);
    EXPECT_EQ(marked("x").error(), errc::outcome_unknown);
    EXPECT_FALSE(was_executed("x"));
    EXPECT_EQ(marked("x").value().as_integer(), 1);
}

TEST_F(redis_network, a_call_ends_on_time_when_replies_vanish_and_later_ones_succeed) {
    open("?timeout=1000");
    proxy.set(proxy.connections().at(0), way::replies, flow::lose);
    const auto asked = world.runtime.now();
    EXPECT_EQ(marked("x").error(), errc::outcome_unknown);
    EXPECT_LT(world.runtime.now() - asked, milliseconds{1500});
    EXPECT_TRUE(was_executed("x"));
    await_reconnects(1);
    EXPECT_TRUE(marked("y").has_value());
}

TEST_F(redis_network, a_half_open_link_is_replaced_within_the_time_of_a_call) {
    open("?timeout=1000");
    hold_the_link_that_is_open();
    const auto asked = world.runtime.now();
    EXPECT_EQ(marked("x").error(), errc::outcome_unknown);
    await_reconnects(1);
    EXPECT_LT(world.runtime.now() - asked, milliseconds{2000});
    EXPECT_FALSE(was_executed("x"));
    EXPECT_TRUE(marked("y").has_value());
    proxy.heal();  // the old link's bytes arrive after all
    EXPECT_TRUE(marked("z").has_value());
    while (!was_executed("x")) {
    }
    EXPECT_EQ(server.cli({"SCARD", "ids"}), "4") << "once each";
}

TEST_F(redis_network, an_idle_half_open_link_is_replaced_without_any_call) {
    open("?timeout=1000");
    const auto epoch = world.store->epoch();
    hold_the_link_that_is_open();
    await_reconnects(1);
    EXPECT_EQ(world.store->epoch(), epoch + 1);
    EXPECT_EQ(server.cli({"PUBLISH", world.store->process_channel(), "x y"}), "2")
        << "the server has not noticed the old one";
}

TEST_F(redis_network, a_slow_network_is_waited_for_and_answers_are_not_mixed_up) {
    open("?timeout=300");
    proxy.delay(way::replies, std::chrono::milliseconds{100});
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(world.call(echo, script_keys(), script_args(i))->items().at(0).integer(), i);
    proxy.delay(way::replies, std::chrono::milliseconds{400});
    EXPECT_EQ(marked("late").error(), errc::outcome_unknown);
    proxy.delay(way::replies, std::chrono::milliseconds{0});
    EXPECT_EQ(to_string(world.call(echo, script_keys(), script_args("mine")).value()),
              R"(["mine"])");
    EXPECT_TRUE(was_executed("late"));
}

TEST_F(redis_network, nothing_is_executed_while_every_connection_is_refused) {
    open("?timeout=200&connect_timeout=200");
    proxy.refuse(true);
    proxy.cut();
    const auto refused = marked("x");
    ASSERT_FALSE(refused.has_value());
    proxy.refuse(false);
    while (!marked("y")) {
    }
    EXPECT_EQ(was_executed("x"), false);
}

// Every kind of loss in turn, for calls that come one after the other; each has its own name.
TEST_F(redis_network, no_verdict_is_wrong_over_many_losses) {
    open("?timeout=1000");
    int unknown = 0;
    for (int i = 0; i < 120; ++i) {
        const auto id = "n" + std::to_string(i);
        if (i % 3 == 0) proxy.cut_at_next(way::replies);
        if (i % 3 == 1) proxy.cut_at_next(way::requests);
        const auto told = marked(id);
        if (told) {
            EXPECT_TRUE(was_executed(id)) << id;
            EXPECT_EQ(told->as_integer(), 1) << id << " was executed twice";
        } else if (told.error() == condition::retry) {
            EXPECT_FALSE(was_executed(id)) << id;
        } else {
            ASSERT_EQ(told.error(), errc::outcome_unknown) << id;
            ++unknown;
        }
    }
    EXPECT_GT(unknown, 30);
    EXPECT_GT(world.store->epoch(), 30U);
}

TEST_F(redis_network, a_right_taken_away_and_given_back_while_running) {
    server.cli({"ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all"});
    world.open("redis://app:pw@127.0.0.1:" + std::to_string(proxy.port()));
    ASSERT_TRUE(world.start().has_value());
    server.cli({"ACL", "SETUSER", "app", "resetchannels", "&other:*"});  // ends the subscription
    // The first call to fail may be the one that was under way when the subscription ended.
    auto refused = [&]() -> task<void> {
        while (world.store->problem().find("ACL SETUSER app") == std::string::npos) {
            const script_keys keys("ids");
            const script_args args("x");
            (void)co_await world.store->run(mark, keys, args);
            co_await world.runtime.sleep_until(world.runtime.now() + milliseconds{5});
        }
    };
    world.run(refused());
    server.cli({"ACL", "SETUSER", "app", "allchannels"});
    await_reconnects(1);
    EXPECT_TRUE(marked("y").has_value());
}

}  // namespace
}  // namespace holdfast::test
