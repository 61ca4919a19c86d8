#include "runtime/deadline.hpp"
#include "runtime/wake_event.hpp"
#include "support/run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <variant>
#include <vector>

namespace holdfast {
namespace {

namespace asio = boost::asio;

TEST(asio_runtime, sleepers_wake_in_the_order_of_their_deadlines) {
    test::real_world world;
    std::vector<int> order;
    const auto start = world.runtime.now();
    auto sleeper = [&](int n) -> task<void> {
        co_await world.runtime.sleep_until(start + milliseconds{n});
        EXPECT_GE(world.runtime.now(), start + milliseconds{n});
        order.push_back(n);
    };
    for (const int n : {30, 10, 20, 0}) asio::co_spawn(world.context, sleeper(n), asio::detached);
    world.run(sleeper(40));
    EXPECT_EQ(order, (std::vector{0, 10, 20, 30, 40}));
}

TEST(asio_runtime, an_operation_that_ends_first_cancels_the_sleep) {
    test::real_world world;
    auto at_once = []() -> task<int> { co_return 7; };
    const auto far = world.runtime.now() + hours{1};
    EXPECT_EQ(world.run(before_deadline(world.runtime, far, at_once())), 7);
}

TEST(asio_runtime, a_deadline_that_comes_first_cancels_the_operation) {
    test::real_world world;
    auto never = [&]() -> task<void> { co_await world.runtime.sleep_until(steady_time::max()); };
    const auto soon = world.runtime.now() + milliseconds{5};
    EXPECT_FALSE(world.run(before_deadline(world.runtime, soon, never())));
}

TEST(asio_runtime, a_variant_that_comes_before_the_deadline_keeps_its_alternative) {
    test::real_world world;
    auto at_once = []() -> task<std::variant<int, char, bool>> { co_return 'x'; };
    const auto far = world.runtime.now() + hours{1};
    const auto got = world.run(before_deadline(world.runtime, far, at_once()));
    ASSERT_TRUE(got);
    EXPECT_EQ(std::get<char>(*got), 'x');
    auto never = [&]() -> task<std::variant<int, char>> {
        co_await world.runtime.sleep_until(steady_time::max());
        co_return 1;
    };
    const auto soon = world.runtime.now() + milliseconds{5};
    EXPECT_FALSE(world.run(before_deadline(world.runtime, soon, never())));
}

TEST(asio_runtime, what_an_operation_throws_in_time_is_thrown_at_once) {
    test::real_world world;
    auto fails = []() -> task<int> {
        throw std::out_of_range("no");
        co_return 0;
    };
    const auto far = world.runtime.now() + hours{1};
    EXPECT_THROW(world.run(before_deadline(world.runtime, far, fails())), std::out_of_range);
}

TEST(wake_event, wakes_every_waiter_and_can_be_cancelled) {
    test::real_world world;
    wake_event event(world.runtime.executor());
    int woken = 0;
    auto waiter = [&]() -> task<void> {
        co_await event.wait();
        ++woken;
    };
    asio::co_spawn(world.context, waiter(), asio::detached);
    asio::co_spawn(world.context, waiter(), asio::detached);
    auto wake = [&]() -> task<void> {
        co_await world.runtime.sleep_until(world.runtime.now() + milliseconds{1});
        event.notify_all();
        co_await world.runtime.sleep_until(world.runtime.now() + milliseconds{1});
    };
    world.run(wake());
    EXPECT_EQ(woken, 2);
    EXPECT_FALSE(
        world.run(before_deadline(world.runtime, world.runtime.now() + milliseconds{1}, waiter())));
    EXPECT_EQ(woken, 2);
}

TEST(wake_event, says_whether_it_came_before_a_deadline) {
    test::real_world world;
    wake_event event(world.runtime.executor());
    const auto soon = world.runtime.now() + milliseconds{2};
    EXPECT_FALSE(world.run(event.wait_until(world.runtime, soon)));
    EXPECT_GE(world.runtime.now(), soon);
    auto waiter = [&]() -> task<bool> {
        asio::post(world.context, [&] { event.notify_all(); });
        co_return co_await event.wait_until(world.runtime, steady_time::max());
    };
    EXPECT_TRUE(world.run(waiter()));
}

TEST(wake_event, a_cancelled_wait_with_a_deadline_throws) {
    test::real_world world;
    wake_event event(world.runtime.executor());
    asio::cancellation_signal signal;
    std::optional<boost::system::error_code> ended;
    auto waiter = [&]() -> task<void> {
        try {
            co_await event.wait_until(world.runtime, steady_time::max());
        } catch (const boost::system::system_error& error) {
            ended = error.code();
        }
    };
    asio::co_spawn(world.context, waiter(),
                   asio::bind_cancellation_slot(signal.slot(), asio::detached));
    auto cancel = [&]() -> task<void> {
        co_await world.runtime.sleep_until(world.runtime.now() + milliseconds{1});
        signal.emit(asio::cancellation_type::terminal);
        co_await world.runtime.sleep_until(world.runtime.now() + milliseconds{1});
    };
    world.run(cancel());
    EXPECT_EQ(ended, boost::system::error_code(asio::error::operation_aborted));
}

TEST(wake_event, a_deadline_that_has_passed_ends_a_wait_at_once_and_once) {
    test::real_world world;
    wake_event event(world.runtime.executor());
    EXPECT_FALSE(world.run(event.wait_until(world.runtime, steady_time{})));
    auto waiter = [&]() -> task<bool> {
        asio::post(world.context, [&] { event.notify_all(); });
        co_return co_await event.wait_until(world.runtime, steady_time{});
    };
    world.run(waiter());  // both at one instant: either is the answer, and one is
    event.notify_all();
    EXPECT_FALSE(world.run(event.wait_until(world.runtime, steady_time{})));
}

TEST(wake_event, who_waits_until_a_deadline_outlives_the_event) {
    test::real_world world;
    auto event = std::make_unique<wake_event>(world.runtime.executor());
    std::optional<boost::system::error_code> ended;
    auto waiter = [&](steady_time deadline) -> task<void> {
        try {
            co_await event->wait_until(world.runtime, deadline);
        } catch (const boost::system::system_error& error) {
            ended = error.code();
        }
    };
    const auto soon = world.runtime.now() + milliseconds{2};
    asio::co_spawn(world.context, waiter(soon), asio::detached);
    asio::post(world.context, [&] { event.reset(); });
    world.run(world.runtime.sleep_until(soon + milliseconds{1}));
    EXPECT_EQ(ended, boost::system::error_code(asio::error::operation_aborted));
}

// Deadlines of waits that nobody will resume any more: the runtime goes first, then the context.
TEST(wake_event, whoever_waits_until_a_deadline_is_destroyed_with_the_context) {
    const auto alive = std::make_shared<int>(0);
    {
        asio::io_context context;
        asio_runtime runtime(context);
        struct bell {
            std::shared_ptr<wake_event> of;
            ~bell() { of->notify_all(); }
        };
        auto waiter = [](asio_runtime& rt, std::shared_ptr<wake_event> event,
                         std::shared_ptr<int>) -> task<void> {
            const bell rings_when_destroyed{event};
            co_await event->wait_until(rt, rt.now() + hours{1});
        };
        const auto event = std::make_shared<wake_event>(context.get_executor());
        for (int i = 0; i < 3; ++i)
            asio::co_spawn(context, waiter(runtime, event, alive), asio::detached);
        context.poll();
        EXPECT_EQ(alive.use_count(), 4);
    }
    EXPECT_EQ(alive.use_count(), 1);
}

// The sleep of such a wait can no more be cancelled, and need not be.
TEST(wake_event, wakes_who_waited_until_a_deadline_of_a_runtime_that_has_gone) {
    asio::io_context context;
    std::optional<asio_runtime> runtime(std::in_place, context);
    wake_event event(context.get_executor());
    std::optional<bool> woken;
    auto waiter = [&]() -> task<void> {
        woken = co_await event.wait_until(*runtime, runtime->now() + hours{1});
    };
    asio::co_spawn(context, waiter(), asio::detached);
    context.poll();
    runtime.reset();
    event.notify_all();
    context.restart();
    context.poll();
    EXPECT_EQ(woken, true);
}

// The frame owns the event and the event's list owns the frame.
TEST(wake_event, whoever_still_waits_is_destroyed_with_the_context) {
    const auto alive = std::make_shared<int>(0);
    {
        asio::io_context context;
        auto waiter = [](asio::any_io_executor executor, std::shared_ptr<int>) -> task<void> {
            const auto event = std::make_shared<wake_event>(executor);
            co_await event->wait();
        };
        asio::co_spawn(context, waiter(context.get_executor(), alive), asio::detached);
        context.poll();
        EXPECT_EQ(alive.use_count(), 2);
    }
    EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
}  // namespace holdfast
