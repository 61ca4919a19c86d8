// Bad days: the server stops, freezes, or throws the connection away.
#include "store/redis/redis_world.hpp"

#include "runtime/wake_event.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <csignal>

namespace holdfast::test {
namespace {

TEST(redis_store, resumes_by_itself_when_the_server_comes_back) {
    redis_server server;
    redis_world world(server.url() + "?timeout=500");
    ASSERT_TRUE(world.start().has_value());
    int reconnects = 0;
    wake_event again(world.runtime.executor());
    const auto registered = world.store->pushes().on_reconnect([&] {
        ++reconnects;
        again.notify_all();
    });
    const auto epoch = world.store->epoch();
    server.stop();
    const auto failed = world.call(echo, script_keys(), script_args("x"));
    ASSERT_FALSE(failed.has_value());
    EXPECT_TRUE(failed.error() == errc::store_unavailable ||
                failed.error() == errc::outcome_unknown);
    server.start();
    auto back = [&]() -> task<void> {
        while (reconnects == 0) co_await again.wait();
    };
    world.run(back());
    EXPECT_TRUE(world.call(echo, script_keys(), script_args("x")).has_value());
    EXPECT_GT(world.store->epoch(), epoch);
    const auto mine = world.store->process_channel();
    EXPECT_EQ(server.cli({"PUBLISH", mine, "x y"}), "1");
}

TEST(redis_store, does_not_know_the_outcome_when_the_server_freezes) {
    redis_server server;
    redis_world world(server.url() + "?timeout=200");
    ASSERT_TRUE(world.start().has_value());
    ASSERT_TRUE(world.call(count, script_keys("k"), script_args()).has_value());
    server.process().signal(SIGSTOP);
    EXPECT_EQ(world.call(count, script_keys("k"), script_args()).error(), errc::outcome_unknown);
    server.process().signal(SIGCONT);
    auto answer = world.call(echo, script_keys(), script_args("mine"));
    EXPECT_EQ(to_string(answer.value()), R"(["mine"])")
        << "a late answer was given to another call";
    EXPECT_EQ(server.cli({"GET", "k"}), "2");
}

// What a caller says of the data (whether it has raised the fence counter) is true of the data this
// connection reaches; the next one may reach an older copy.
TEST(redis_store, a_call_that_waits_for_the_next_connection_says_what_is_true_of_that) {
    constexpr int asked = 20'000;  // more than one write takes
    redis_server server;
    redis_world world(server.url() + "?timeout=20000");
    ASSERT_TRUE(world.start().has_value());
    int open = asked, renewed = 0, unknown = 0;
    wake_event ended(world.runtime.executor());
    auto call = [&]() -> task<void> {
        script_keys keys;
        script_args args;
        args.add_flag(false, true);
        args.add(std::string(200, 'x'));
        const auto answer = co_await world.store->run(echo, std::move(keys), std::move(args));
        renewed += answer && (*answer)[0].as_text() == "1";
        unknown += !answer && answer.error() == errc::outcome_unknown;
        if (--open == 0) ended.notify_all();
    };
    server.process().signal(SIGSTOP);  // so that the pipe fills and most of it stays here
    for (int id = 0; id < asked; ++id)
        boost::asio::co_spawn(world.context, call(), boost::asio::detached);
    world.context.restart();
    world.context.poll();  // all have asked, and as much is written as the pipe takes
    server.stop();
    server.start();
    auto all = [&]() -> task<void> {
        while (open > 0) co_await ended.wait();
    };
    world.run(all());
    EXPECT_EQ(renewed + unknown, asked);
    EXPECT_GT(renewed, 0);
    EXPECT_GT(unknown, 0);
}

}  // namespace
}  // namespace holdfast::test
