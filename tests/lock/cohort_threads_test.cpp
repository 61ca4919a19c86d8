// The cohort's blocking face: threads of several clients, and threads beside coroutines.
#include "holdfast/cohort.hpp"

#include "lock/two_clients.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace holdfast {
namespace {

TEST(cohort_mutex, excludes_threads_of_several_processes_and_raises_its_fence) {
    two_clients fleet;
    cohort_mutex first(fleet.one, lock_name("n"), lease_ttl(seconds{30}));
    cohort_mutex second(fleet.two, lock_name("n"), lease_ttl(seconds{30}));
    expect_turns(first, second, 200);
    fleet.one.close();
    fleet.two.close();
}

TEST(cohort_mutex, gives_up_in_time) {
    two_clients fleet;
    cohort_mutex first(fleet.one, lock_name("n"), lease_ttl(seconds{30}));
    cohort_mutex second(fleet.two, lock_name("n"), lease_ttl(seconds{30}));
    const std::unique_lock held(first);
    EXPECT_FALSE(second.try_lock_for(std::chrono::milliseconds{20}));
    EXPECT_FALSE(second.try_lock());
    std::jthread([&] {
        EXPECT_FALSE(first.try_lock());
        EXPECT_FALSE(first.try_lock_for(std::chrono::milliseconds{20}));
    }).join();
    cohort_mutex free(fleet.two, lock_name("free"), lease_ttl(seconds{30}));
    EXPECT_TRUE(free.try_lock());
    free.unlock();
}

TEST(cohort_mutex, a_span_too_long_to_count_is_none_at_all) {
    two_clients fleet;
    cohort_mutex first(fleet.one, lock_name("n"), lease_ttl(seconds{30}));
    cohort_mutex second(fleet.two, lock_name("n"), lease_ttl(seconds{30}));
    first.lock();
    std::jthread later([&] {
        // Further than the clock counts from now, though not too long for its unit.
        EXPECT_TRUE(second.try_lock_for(nanoseconds::max() - nanoseconds{1}));
        second.unlock();
    });
    fleet.one.run([](locker& locks) -> task<bool> {
        while (true) {
            const auto seen = co_await locks.inspect(lock_name("n"));
            if (seen->queue_length == 1) co_return true;
        }
    });
    first.unlock();
}

TEST(cohort, serves_threads_and_coroutines_in_one_line) {
    two_clients fleet;
    auto make = [](locker& locks) -> task<std::shared_ptr<cohort>> {
        co_return std::make_shared<cohort>(locks, lock_name("n"), lease_ttl(seconds{30}));
    };
    const auto shared = fleet.one.run(make);
    std::atomic<int> inside{0};
    std::atomic<int> turns{0};
    const auto enter = [&] {
        EXPECT_EQ(inside.fetch_add(1), 0);
        turns.fetch_add(1);
        inside.fetch_sub(1);
    };
    {
        std::jthread coroutines([&] {
            auto take = [shared, &enter](locker&) -> task<bool> {
                for (int i = 0; i < 100; ++i) {
                    const auto turn = co_await shared->acquire();
                    EXPECT_TRUE(turn);
                    enter();
                }
                co_return true;
            };
            fleet.one.run(take);
        });
        std::vector<std::jthread> threads;
        for (int i = 0; i < 3; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < 100; ++n) {
                    const auto turn = shared->wait();
                    EXPECT_TRUE(turn);
                    enter();
                }
            });
    }
    EXPECT_EQ(turns, 400);
}

}  // namespace
}  // namespace holdfast
