// Giving up, closing and dying with calls in flight.
#include "store/redis/redis_world.hpp"

#include "runtime/wake_event.hpp"

#include "runtime/deadline.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>

#include <csignal>

namespace holdfast::test {
namespace {

/// Runs `count` calls against a frozen server; `told` gets what each was told.
void begin_calls(redis_world& world, int number, std::vector<error_code>& told) {
    for (int i = 0; i < number; ++i) {
        auto finish = [&told](std::exception_ptr, result<reply> answer) {
            told.push_back(answer ? error_code() : answer.error());
        };
        boost::asio::co_spawn(world.context,
                              world.store->run(count, script_keys("k"), script_args()),
                              std::move(finish));
    }
    world.context.restart();
    for (int i = 0; i < 50; ++i) world.context.poll();
}

TEST(redis_lifetime, ends_calls_in_flight_when_closed) {
    redis_server server;
    redis_world world(server.url());
    ASSERT_TRUE(world.start().has_value());
    server.process().signal(SIGSTOP);
    std::vector<error_code> told;
    begin_calls(world, 3, told);
    world.run(world.store->close());
    world.context.poll();
    EXPECT_EQ(told, std::vector<error_code>(3, errc::outcome_unknown));
    server.process().signal(SIGCONT);
}

TEST(redis_lifetime, ends_calls_that_wait_for_a_connection_when_closed) {
    redis_world world("redis://127.0.0.1:" + std::to_string(free_port()));
    std::vector<error_code> told;
    begin_calls(world, 2, told);
    world.run(world.store->close());
    world.context.poll();
    EXPECT_EQ(told, std::vector<error_code>(2, errc::shutting_down));
}

TEST(redis_lifetime, ends_calls_in_flight_when_destroyed) {
    redis_server server;
    redis_world world(server.url());
    ASSERT_TRUE(world.start().has_value());
    server.process().signal(SIGSTOP);
    std::vector<error_code> told;
    begin_calls(world, 3, told);
    world.store.reset();
    world.context.restart();
    while (told.size() < 3) world.context.run_one();
    EXPECT_EQ(told, std::vector<error_code>(3, errc::outcome_unknown));
    server.process().signal(SIGCONT);
}

TEST(redis_lifetime, leaves_nothing_behind_when_the_context_dies_with_calls_in_flight) {
    redis_server server;
    auto world = std::make_unique<redis_world>(server.url());
    ASSERT_TRUE(world->start().has_value());
    server.process().signal(SIGSTOP);
    std::vector<error_code> told;
    begin_calls(*world, 3, told);
    world.reset();
    EXPECT_TRUE(told.empty());
    server.process().signal(SIGCONT);
}

TEST(redis_lifetime, honours_cancellation_of_one_call) {
    redis_server server;
    redis_world world(server.url());
    ASSERT_TRUE(world.start().has_value());
    ASSERT_TRUE(world.call(count, script_keys("k"), script_args()).has_value());
    server.process().signal(SIGSTOP);
    auto impatient = [&]() -> task<bool> {
        auto asking = world.store->run(count, script_keys("k"), script_args());
        const auto until = world.runtime.now() + milliseconds{20};
        const auto answer = co_await before_deadline(world.runtime, until, std::move(asking));
        co_return answer.has_value();
    };
    EXPECT_FALSE(world.run(impatient()));
    server.process().signal(SIGCONT);
    EXPECT_EQ(world.call(count, script_keys("k"), script_args()).value().as_integer(), 3)
        << "the cancelled call was sent; its answer must not go to the next";
}

TEST(redis_lifetime, may_be_closed_from_a_push_handler) {
    redis_server server;
    redis_world world(server.url());
    ASSERT_TRUE(world.start().has_value());
    wake_event closed(world.runtime.executor());
    bool done = false;
    const auto listening = world.store->pushes().listen("bye", [&](std::string_view) {
        boost::asio::co_spawn(world.context, world.store->close(), [&](std::exception_ptr) {
            done = true;
            closed.notify_all();
        });
    });
    server.cli({"PUBLISH", world.store->process_channel(), "bye now"});
    auto ended = [&]() -> task<void> {
        while (!done) co_await closed.wait();
    };
    world.run(ended());
    EXPECT_FALSE(world.store->connected());
}

}  // namespace
}  // namespace holdfast::test
