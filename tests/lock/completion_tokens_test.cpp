// async_acquire with the completion tokens of Asio that people use.
#include "lock/one_node.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace holdfast::test {
namespace {

namespace asio = boost::asio;

TEST(completion_tokens, use_future_from_another_thread) {
    one_node node;
    auto keep_running = asio::make_work_guard(node.world.context);
    std::jthread loop([&] { node.world.context.run(); });
    const auto ask = [&](steady_time give_up_at) {
        std::promise<std::future<lease>> started;
        asio::post(node.world.context, [&] {
            started.set_value(
                node.locks.async_acquire(node.n, node.ttl, give_up_at, asio::use_future));
        });
        return started.get_future().get();
    };
    const auto got = ask(steady_time::max()).get();
    EXPECT_GT(got.fence(), fencing_token());
    auto refused = ask(node.world.runtime.now() + milliseconds{20});
    try {
        (void)refused.get();
        ADD_FAILURE() << "two holders";
    } catch (const boost::system::system_error& error) {
        EXPECT_EQ(error.code(), errc::timed_out);
    }
    keep_running.reset();
    node.world.context.stop();
}

TEST(completion_tokens, as_tuple_gives_the_error_as_a_value) {
    one_node node;
    const auto ask = [&](steady_time give_up_at) -> task<error_code> {
        auto token = asio::as_tuple(asio::use_awaitable);
        auto operation = node.locks.async_acquire(node.n, node.ttl, give_up_at, token);
        const auto [ec, got] = co_await std::move(operation);
        EXPECT_EQ(got.holds_something(), !ec);
        co_return ec;
    };
    EXPECT_EQ(node.world.run(ask(steady_time::max())), error_code());
    EXPECT_EQ(node.world.run(ask(node.world.runtime.now() + milliseconds{10})), errc::timed_out);
}

TEST(completion_tokens, use_awaitable_throws_the_error) {
    one_node node;
    const auto twice = [&]() -> task<error_code> {
        const auto first = co_await node.locks.async_acquire(node.n, node.ttl);
        EXPECT_TRUE(first.valid(node.locks.now()));
        try {
            (void)co_await node.locks.async_acquire(node.n, node.ttl,
                                                    node.locks.now() + milliseconds{10});
        } catch (const boost::system::system_error& error) {
            co_return error.code();
        }
        co_return error_code();
    };
    EXPECT_EQ(node.world.run(twice()), errc::timed_out);
}

TEST(completion_tokens, a_handler_runs_on_its_own_executor) {
    one_node node;
    asio::io_context elsewhere;
    bool ran = false;
    auto handler = [&](error_code ec, lease got) {
        EXPECT_FALSE(ec);
        EXPECT_TRUE(got.holds_something());
        ran = true;
    };
    node.locks.async_acquire(node.n, node.ttl,
                             asio::bind_executor(elsewhere.get_executor(), handler));
    node.world.run(node.world.runtime.sleep_until(node.world.runtime.now() + milliseconds{50}));
    EXPECT_FALSE(ran);
    elsewhere.run();
    EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace holdfast::test
