// The blocking faces of the family: threads and clients.
#include "holdfast/barrier.hpp"
#include "holdfast/election.hpp"
#include "holdfast/latch.hpp"
#include "holdfast/multi_lock.hpp"
#include "holdfast/recursive_mutex.hpp"
#include "holdfast/rw_lock.hpp"
#include "holdfast/semaphore.hpp"

#include "lock/two_clients.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <shared_mutex>
#include <thread>
#include <vector>

namespace holdfast {
namespace {

TEST(recursive_mutex, needs_as_many_unlocks_as_locks) {
    two_clients fleet;
    recursive_mutex mine(fleet.one, lock_name("n"));
    mutex other(fleet.two, lock_name("n"));
    EXPECT_EQ(mine.hold_count(), 0U);
    mine.lock();
    const auto fence = mine.fence();
    EXPECT_TRUE(mine.try_lock());
    EXPECT_TRUE(mine.try_lock_for(std::chrono::seconds{1}));
    EXPECT_EQ(mine.hold_count(), 3U);
    EXPECT_EQ(mine.fence(), fence);
    mine.unlock();
    mine.unlock();
    EXPECT_FALSE(other.try_lock());
    std::thread([&] {
        EXPECT_EQ(mine.hold_count(), 0U);
        EXPECT_FALSE(mine.try_lock());
        mine.unlock();  // not its own: nothing happens
    }).join();
    EXPECT_EQ(mine.hold_count(), 1U);
    mine.unlock();
    EXPECT_EQ(mine.hold_count(), 0U);
    EXPECT_TRUE(other.try_lock());
}

TEST(recursive_mutex, does_not_pretend_to_hold_what_was_lost) {
    two_clients fleet;
    recursive_mutex mine(fleet.one, lock_name("n"));
    mine.lock();
    const auto lost = mine.lost();
    std::atomic<bool> told = false;
    const std::stop_callback note(lost, [&] {
        told = true;
        told.notify_all();
    });
    const auto broken =
        fleet.two.run([&](locker& locks) { return locks.force_break(lock_name("n")); });
    EXPECT_TRUE(broken);
    told.wait(false);
    EXPECT_THROW(mine.lock(), boost::system::system_error);
    EXPECT_EQ(mine.hold_count(), 1U);
    mine.unlock();
    mine.lock();
    EXPECT_EQ(mine.reason(), lost_reason::none);
    mine.unlock();
}

TEST(recursive_mutex, counts_for_one_logical_owner) {
    two_clients fleet;
    auto script = [&](locker& locks) -> task<bool> {
        async_recursive_mutex owner(locks, lock_name("n"), lease_ttl(seconds{30}));
        const auto first = co_await owner.lock();
        const auto again = co_await owner.try_lock();
        EXPECT_EQ(first.value(), again.value());
        EXPECT_EQ(owner.hold_count(), 2U);
        EXPECT_TRUE((co_await owner.unlock()).value());
        const auto other = co_await locks.try_acquire(lock_name("n"), lease_ttl(seconds{30}));
        EXPECT_EQ(other.error(), errc::busy);
        EXPECT_TRUE((co_await owner.unlock()).value());
        EXPECT_FALSE((co_await owner.unlock()).value());
        const auto now_free = co_await locks.try_acquire(lock_name("n"), lease_ttl(seconds{30}));
        co_return now_free.has_value();
    };
    EXPECT_TRUE(fleet.one.run(std::ref(script)));
}

TEST(rw_lock, works_with_the_standard_locks) {
    two_clients fleet;
    rw_lock first(fleet.one, lock_name("n"));
    rw_lock second(fleet.two, lock_name("n"));
    {
        const std::shared_lock one(first);
        const std::shared_lock two(second);
        std::thread([&] {
            EXPECT_FALSE(first.try_lock());
            EXPECT_TRUE(second.try_lock_shared_for(std::chrono::seconds{5}));
            second.unlock_shared();
        }).join();
    }
    const std::unique_lock writer(second);
    EXPECT_GT(second.fence(), fencing_token());
    EXPECT_FALSE(first.try_lock_shared_for(std::chrono::milliseconds{20}));
}

TEST(rw_lock, steps_up_and_down) {
    two_clients fleet;
    rw_lock first(fleet.one, lock_name("n"));
    rw_lock second(fleet.two, lock_name("n"));
    second.lock_shared();
    first.lock_intent();
    const auto before = first.fence();
    EXPECT_FALSE(first.upgrade_for(milliseconds{20}));
    second.unlock_shared();
    first.upgrade();
    EXPECT_GT(first.fence(), before);
    EXPECT_EQ(first.reason(), lost_reason::none);
    EXPECT_FALSE(second.try_lock_shared());
    first.downgrade();
    EXPECT_TRUE(second.try_lock_shared());
    EXPECT_THROW(first.upgrade(), boost::system::system_error);
    first.unlock();
    second.unlock();
    EXPECT_THROW(first.downgrade(), boost::system::system_error);
}

TEST(semaphore, lets_as_many_threads_in_as_there_are_permits) {
    two_clients fleet;
    semaphore pool(fleet.one, lock_name("n"), permits(3));
    semaphore same(fleet.two, lock_name("n"), permits(3));
    std::atomic<int> inside = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 6; ++i)
            threads.emplace_back([&, i] {
                for (int turn = 0; turn < 15; ++turn) {
                    auto held = (i % 2 == 0 ? pool : same).acquire();
                    EXPECT_LE(++inside, 3);
                    --inside;
                    EXPECT_TRUE(held.release());
                }
            });
    }
    const auto all = pool.acquire(permits(3));
    EXPECT_FALSE(same.try_acquire());
    EXPECT_FALSE(same.try_acquire_for(milliseconds{20}));
    same.set_capacity(permits(4));
    auto one = same.try_acquire();
    EXPECT_TRUE(one);
    std::thread([moved = std::move(one)]() mutable { EXPECT_TRUE(moved.release()); }).join();
    EXPECT_THROW((void)same.acquire(permits(5)), boost::system::system_error);
}

TEST(multi_lock, is_held_as_one_and_given_back_when_dropped) {
    two_clients fleet;
    const lock_names names({lock_name("x"), lock_name("y")});
    multi_lock mine(fleet.one, names);
    multi_lock other(fleet.two, names);
    {
        auto held = mine.acquire();
        EXPECT_GT(held.grant.fence_of(lock_name("y")), fencing_token());
        EXPECT_TRUE(held.kept.valid());
        EXPECT_FALSE(other.try_acquire());
        EXPECT_FALSE(other.try_acquire_for(milliseconds{20}));
    }
    auto next = other.try_acquire_for(seconds{10});
    EXPECT_TRUE(next);
    EXPECT_TRUE(next.kept.release());
    EXPECT_FALSE(next.kept.release());
}

TEST(latch_and_barrier, bring_threads_together) {
    two_clients fleet;
    latch gate(fleet.one, lock_name("gate"));
    EXPECT_TRUE(gate.create(4));
    EXPECT_FALSE(gate.wait_for(milliseconds{20}));
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&, i] {
            client& home = i % 2 == 0 ? fleet.one : fleet.two;
            barrier together(home, lock_name("meet"), 4);
            EXPECT_EQ(together.arrive(), 1U);
            latch(home, lock_name("gate")).count_down(latch_token(std::to_string(i)));
            EXPECT_EQ(together.arrive(), 2U);
        });
    gate.wait();
    threads.clear();
    barrier lonely(fleet.one, lock_name("meet"), 2);
    EXPECT_THROW(lonely.arrive_within(milliseconds{20}), boost::system::system_error);
}

// A span of no length is one question, whatever the member.
TEST(blocking_faces, look_once_when_they_have_no_time) {
    two_clients fleet;
    const nanoseconds none{0};
    mutex taken(fleet.two, lock_name("n"));
    taken.lock();
    mutex mine(fleet.one, lock_name("n"));
    EXPECT_FALSE(mine.try_lock_for(nanoseconds{1}));
    mutex free(fleet.one, lock_name("free"));
    EXPECT_TRUE(free.try_lock_for(nanoseconds{1}));
    latch gate(fleet.one, lock_name("gate"));
    gate.create(1);
    EXPECT_FALSE(gate.wait_for(none) || gate.is_open());
    EXPECT_EQ(gate.count_down(latch_token("x")), 0);
    EXPECT_TRUE(gate.wait_for(none) && gate.is_open());
    barrier alone(fleet.one, lock_name("alone"), 1), two(fleet.one, lock_name("two"), 2);
    EXPECT_EQ(alone.arrive_within(none), 1U);
    try {
        two.arrive_within(none);
        ADD_FAILURE();
    } catch (const boost::system::system_error& error) {
        EXPECT_EQ(error.code(), errc::timed_out);
    }
    rw_lock shared(fleet.one, lock_name("rw")), others(fleet.two, lock_name("rw"));
    others.lock_shared();
    shared.lock_intent();
    EXPECT_FALSE(shared.upgrade_for(none));
    others.unlock_shared();
    EXPECT_TRUE(shared.upgrade_for(none));
    election office(fleet.one, lock_name("office"));
    EXPECT_TRUE(office.next_change(none).has_value());
    EXPECT_FALSE(office.next_change(none).has_value());
}

TEST(blocking_faces, take_spans_too_long_to_count_for_no_limit) {
    two_clients fleet;
    semaphore pool(fleet.one, lock_name("s"), permits(1));
    EXPECT_TRUE(pool.try_acquire_for(hours::max()));
    multi_lock both(fleet.one, lock_names({lock_name("x"), lock_name("y")}));
    EXPECT_TRUE(both.try_acquire_for(std::chrono::years::max()));
    barrier alone(fleet.one, lock_name("alone"), 1);
    EXPECT_EQ(alone.arrive_within(hours::max()), 1U);
    election office(fleet.one, lock_name("office"));
    EXPECT_TRUE(office.campaign_for(hours::max(), leader_value("x")));
}

TEST(blocking_faces, go_on_where_a_call_needs_no_lock_object) {
    two_clients fleet;
    semaphore pool(fleet.one, lock_name("s"), permits(1)), other(fleet.two, lock_name("s"));
    const auto permit = pool.acquire();
    const auto id = permit.current().owner();
    EXPECT_TRUE(other.release(id));
    EXPECT_FALSE(other.release(id));
    election office(fleet.one, lock_name("office"));
    auto mine = office.campaign(leader_value("old"));
    office.proclaim(mine, leader_value("new"));
    EXPECT_EQ(office.current()->value, "new");
    EXPECT_TRUE(mine.release());
    EXPECT_THROW(office.proclaim(mine, leader_value("late")), boost::system::system_error);
}

TEST(blocking_faces, moved_from_hold_nothing) {
    two_clients fleet;
    semaphore pool(fleet.one, lock_name("s"), permits(1));
    auto held = pool.acquire();
    const auto moved = std::move(held);
    EXPECT_FALSE(held);
    EXPECT_FALSE(held.release());
    EXPECT_FALSE(held.valid());
    EXPECT_FALSE(held.current().holds_something());
    EXPECT_EQ(held.reason(), lost_reason::released);
    EXPECT_TRUE(moved.valid());
    lock_names names({lock_name("x")});
    const auto taken = std::move(names);
    multi_lock none(fleet.one, names);
    EXPECT_THROW((void)none.try_acquire(), boost::system::system_error);
}

TEST(election, hands_over_and_tells_those_who_watch) {
    two_clients fleet;
    election here(fleet.one, lock_name("n"));
    election there(fleet.two, lock_name("n"));
    EXPECT_EQ(there.next_change(seconds{10}).value(), leader());
    auto first = here.campaign(leader_value("here"));
    EXPECT_EQ(there.next_change(seconds{10}).value()->value, "here");
    EXPECT_EQ(there.next_change(milliseconds{20}), std::nullopt);
    EXPECT_FALSE(there.campaign_for(nanoseconds{0}, leader_value("there")));
    std::jthread candidate([&] {
        auto second = there.campaign(leader_value("there"));
        EXPECT_GT(second.fence(), first.fence());
        EXPECT_EQ(here.current()->value, "there");
        EXPECT_TRUE(second.release());
    });
    const auto waits = [&](locker& locks) -> task<bool> {
        while (true) {
            const auto seen = co_await locks.inspect(lock_name("n"));
            if (seen->queue_length == 1) co_return true;
        }
    };
    fleet.one.run(std::ref(waits));
    EXPECT_TRUE(first.release());
    candidate.join();
    EXPECT_EQ(here.current(), leader());
}

}  // namespace
}  // namespace holdfast
