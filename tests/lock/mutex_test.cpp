// The blocking face: threads, clients, std::unique_lock.
#include "holdfast/mutex.hpp"

#include "lock/two_clients.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace holdfast {
namespace {

template <class T>
concept timed_lockable =
    requires(T m, std::chrono::milliseconds span, std::chrono::steady_clock::time_point at) {
        m.lock();
        m.unlock();
        { m.try_lock() } -> std::same_as<bool>;
        { m.try_lock_for(span) } -> std::same_as<bool>;
        { m.try_lock_until(at) } -> std::same_as<bool>;
    };
static_assert(timed_lockable<mutex>);
static_assert(!std::is_copy_constructible_v<mutex>);

TEST(mutex, excludes_threads_of_several_clients_and_raises_its_fence) {
    two_clients fleet;
    mutex first(fleet.one, lock_name("n"));
    mutex second(fleet.two, lock_name("n"));
    expect_turns(first, second, 50);
}

TEST(mutex, gives_up_in_time_when_somebody_else_has_it) {
    two_clients fleet;
    mutex first(fleet.one, lock_name("n"));
    mutex second(fleet.two, lock_name("n"));
    const std::unique_lock held(first);
    EXPECT_FALSE(second.try_lock());
    EXPECT_FALSE(second.try_lock_for(std::chrono::milliseconds{20}));
    EXPECT_FALSE(second.try_lock_until(std::chrono::steady_clock::now()));
    EXPECT_FALSE(second.try_lock_for(std::chrono::hours{-1}));
    EXPECT_EQ(second.fence(), fencing_token());
}

TEST(timeout, of_every_span_and_moment_is_one_that_can_be_waited_for) {
    using std::chrono::system_clock, std::chrono::duration;
    EXPECT_EQ(timeout_of(std::chrono::microseconds{3}), std::chrono::microseconds{3});
    EXPECT_EQ(timeout_of(duration<double>(0.1e-9)), nanoseconds{1});
    EXPECT_EQ(timeout_of(seconds{-1}), nanoseconds{0});
    for (const auto& too_long : {hours::max(), hours{24 * 366 * 293}})
        EXPECT_EQ(timeout_of(too_long), forever);
    EXPECT_EQ(timeout_of(std::chrono::years::max()), forever);
    EXPECT_EQ(timeout_of(duration<double>(std::numeric_limits<double>::quiet_NaN())), forever);
    EXPECT_EQ(timeout_until(system_clock::time_point::min()), nanoseconds{0});
    EXPECT_GT(timeout_until(system_clock::time_point::max()), hours{24 * 365 * 200});
}

TEST(mutex, a_span_too_long_to_count_is_none_at_all) {
    two_clients fleet;
    mutex first(fleet.one, lock_name("n"));
    EXPECT_TRUE(first.try_lock_for(hours::max()));
    std::jthread later([&] {
        mutex second(fleet.two, lock_name("n"));
        EXPECT_TRUE(second.try_lock_until(std::chrono::steady_clock::time_point::max()));
    });
    first.unlock();
}

TEST(mutex, speaks_of_the_hold_of_the_calling_thread) {
    two_clients fleet;
    mutex m(fleet.one, lock_name("n"));
    m.lock();
    EXPECT_EQ(m.reason(), lost_reason::none);
    std::thread([&] {
        EXPECT_EQ(m.reason(), lost_reason::released);
        EXPECT_FALSE(m.lost().stop_possible());
        m.unlock();  // not its own: nothing happens
    }).join();
    EXPECT_EQ(m.reason(), lost_reason::none);
    const auto lost = m.lost();
    m.unlock();
    EXPECT_TRUE(lost.stop_requested());
}

locker_options watching() {
    locker_options options;
    options.who = "h/1";
    options.history = true;
    options.warn_lock_order = true;
    return options;
}

// Nobody has to wait for anybody, and nobody reads a journal.
TEST(mutex, of_a_client_that_warns_says_so_when_two_are_nested_in_opposite_orders) {
    two_clients fleet;
    testing::internal::CaptureStderr();
    {
        client watched(fleet.open, null_journal(), watching());
        mutex x(watched, lock_name("x")), y(watched, lock_name("y"));
        std::jthread([&] { const std::scoped_lock both(x, y); }).join();
        std::jthread([&] {
            const std::lock_guard outer(y);
            const std::lock_guard inner(x);
        }).join();
        watched.close();
    }
    const auto said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("lock.order lock=x taken_after=y"), std::string::npos) << said;
}

TEST(mutex, of_a_client_that_notes_its_owners_has_a_history) {
    two_clients fleet;
    client noting(fleet.open, null_journal(), watching());
    mutex m(noting, lock_name("n"));
    m.lock();
    m.unlock();
    const auto history = [&] {
        auto ask = [](locker& locks) { return locks.history(lock_name("n")); };
        return noting.run(ask).value();
    };
    EXPECT_TRUE(
        test::wait_until([&] { return history().size() == 1 && history()[0].how == "released"; }));
    EXPECT_EQ(history().at(0).who, "h/1");
    noting.close();
}

TEST(mutex, is_released_when_destroyed_while_held) {
    two_clients fleet;
    {
        mutex(fleet.one, lock_name("n")).lock();
    }
    mutex other(fleet.two, lock_name("n"));
    EXPECT_TRUE(other.try_lock_for(std::chrono::seconds{10}));
}

TEST(mutex, ends_its_waits_when_the_client_closes) {
    two_clients fleet;
    mutex first(fleet.one, lock_name("n"));
    mutex second(fleet.two, lock_name("n"));
    first.lock();
    std::jthread waiter([&] {
        try {
            second.lock();
            ADD_FAILURE();
        } catch (const boost::system::system_error& error) {
            EXPECT_EQ(error.code(), errc::shutting_down);
        }
    });
    fleet.one.run([](locker& locks) -> task<bool> {
        while (true) {
            const auto seen = co_await locks.inspect(lock_name("n"));
            if (seen->queue_length == 1) co_return true;
        }
    });
    fleet.two.close();
}

TEST(client, passes_on_what_the_factory_throws) {
    const store_factory broken = [](runtime&) -> std::unique_ptr<store> {
        throw boost::system::system_error(make_error_code(errc::store_unavailable));
    };
    EXPECT_THROW(client{broken}, boost::system::system_error);
}

}  // namespace
}  // namespace holdfast
