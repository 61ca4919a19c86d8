// Holders that die or freeze, in virtual time: what each member of the family does about it.
#include "holdfast/barrier.hpp"
#include "holdfast/election.hpp"
#include "holdfast/latch.hpp"
#include "holdfast/multi_lock.hpp"
#include "holdfast/rw_lock.hpp"
#include "holdfast/semaphore.hpp"
#include "sim/world/world.hpp"
#include "store/contract/script_of.hpp"
#include "store/embedded/embedded_store.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace holdfast::test {
namespace {

const lock_name the_name("n");
const lease_ttl ten_seconds(seconds{10});

/// One process: its clock, its store and its locks.
struct machine {
    machine(sim::world& world, std::shared_ptr<embedded::embedded_engine> engine)
        : rt(world.add_node()), st(rt, std::move(engine), "hf:"), locks(rt, st) {}
    sim::node& rt;
    embedded_store st;
    locker locks;
};

class crashes : public testing::Test {
protected:
    /// Starts work on a machine and keeps what it came to.
    template <class T>
    std::shared_ptr<std::optional<result<T>>> start(machine& on, task<result<T>> work) {
        auto got = std::make_shared<std::optional<result<T>>>();
        auto keep = [](std::shared_ptr<std::optional<result<T>>> into,
                       task<result<T>> what) -> task<void> {
            into->emplace(co_await std::move(what));
        };
        on.rt.spawn(keep(got, std::move(work)));
        return got;
    }
    template <class T>
    T now(machine& on, task<result<T>> work) {
        const auto got = start(on, std::move(work));
        world.run_for(milliseconds{1});
        return got->value().value();
    }
    template <class Shared>
    ::testing::AssertionResult comes(const Shared& got, nanoseconds within) {
        if (world.run_until([&] { return got->has_value(); }, within))
            return ::testing::AssertionSuccess();
        return ::testing::AssertionFailure() << "nothing came in time";
    }

    sim::world world;
    std::shared_ptr<embedded::embedded_engine> engine =
        std::make_shared<embedded::embedded_engine>();
    machine a{world, engine};
    machine b{world, engine};
    machine c{world, engine};
};

TEST_F(crashes, a_writer_follows_a_dead_reader_after_its_lease_and_not_before) {
    async_rw_lock at_a(a.locks, the_name, ten_seconds);
    async_rw_lock at_b(b.locks, the_name, ten_seconds);
    const auto held = now(a, at_a.acquire(rw_mode::read));
    const auto kept = a.locks.keep(held);
    const auto writer = start(b, at_b.acquire(rw_mode::write));
    world.run_for(minutes{1});
    EXPECT_TRUE(kept.valid(world.now()));
    EXPECT_FALSE(writer->has_value());
    a.rt.crash();
    const auto died = world.now();
    ASSERT_TRUE(comes(writer, seconds{30}));
    EXPECT_GE(world.now(), kept.valid_until());
    EXPECT_LE(world.now() - died, seconds{10} + milliseconds{250});
    EXPECT_GT((*writer)->value().fence(), held.fence());
}

TEST_F(crashes, a_frozen_reader_believes_nothing_when_it_wakes) {
    async_rw_lock at_a(a.locks, the_name, ten_seconds);
    async_rw_lock at_b(b.locks, the_name, ten_seconds);
    const auto kept = a.locks.keep(now(a, at_a.acquire(rw_mode::read)));
    const auto writer = start(b, at_b.acquire(rw_mode::write));
    a.rt.pause();
    ASSERT_TRUE(comes(writer, seconds{30}));
    EXPECT_FALSE(kept.valid(world.now()));
    a.rt.resume();
    world.run_for(seconds{1});
    EXPECT_TRUE(kept.lost().stop_requested());
    EXPECT_TRUE((*writer)->value().valid(world.now()));
}

TEST_F(crashes, a_dead_intent_holder_that_waited_to_write_lets_readers_in) {
    async_rw_lock at_a(a.locks, the_name, ten_seconds);
    async_rw_lock at_b(b.locks, the_name, ten_seconds);
    const auto reader = b.locks.keep(now(b, at_b.acquire(rw_mode::read)));
    const auto plan = now(a, at_a.acquire(rw_mode::intent));
    const auto upgrade = start(a, at_a.upgrade(plan));
    world.run_for(milliseconds{1});
    const auto late = start(b, at_b.acquire(rw_mode::read));
    world.run_for(seconds{1});
    EXPECT_FALSE(late->has_value());
    a.rt.crash();
    ASSERT_TRUE(comes(late, seconds{21}));
    EXPECT_TRUE(reader.valid(world.now()));
}

TEST_F(crashes, permits_of_the_dead_come_back_and_those_of_the_living_stay) {
    async_semaphore at_a(a.locks, the_name, ten_seconds, permits(3));
    async_semaphore at_b(b.locks, the_name, ten_seconds, permits(3));
    const auto dying = now(a, at_a.acquire(permits(2)));
    const auto kept = b.locks.keep(now(b, at_b.acquire()));
    const auto waits = start(b, at_b.acquire(permits(2)));
    a.rt.crash();
    ASSERT_TRUE(comes(waits, seconds{10} + milliseconds{250}));
    EXPECT_GE(world.now(), dying.valid_until());
    EXPECT_TRUE(kept.valid(world.now()));
    EXPECT_FALSE(now(b, at_b.release(dying.owner())));
}

TEST_F(crashes, a_waiter_for_several_locks_that_dies_keeps_none_for_long) {
    const auto held = now(b, b.locks.acquire(lock_name("y"), ten_seconds));
    const auto kept = b.locks.keep(held);
    async_multi_lock both(a.locks, lock_names({lock_name("x"), lock_name("y")}), ten_seconds);
    const auto dies = start(a, both.acquire());
    world.run_for(seconds{1});
    a.rt.crash();
    const auto next = start(c, c.locks.acquire(lock_name("x"), ten_seconds));
    ASSERT_TRUE(comes(next, seconds{10} + milliseconds{250}));
    EXPECT_FALSE(dies->has_value());
    EXPECT_TRUE(kept.valid(world.now()));
}

TEST_F(crashes, two_for_several_locks_go_on_after_one_was_frozen_between_its_grants) {
    async_multi_lock at_a(a.locks, lock_names({lock_name("x"), lock_name("y")}), ten_seconds);
    async_multi_lock at_b(b.locks, lock_names({lock_name("y"), lock_name("x")}), ten_seconds);
    const auto x = now(c, c.locks.acquire(lock_name("x"), ten_seconds));
    const auto y = c.locks.keep(now(c, c.locks.acquire(lock_name("y"), ten_seconds)));
    const auto first = start(a, at_a.acquire());
    world.run_for(milliseconds{1});
    const auto second = start(b, at_b.acquire());
    world.run_for(milliseconds{1});
    a.rt.pause();
    EXPECT_TRUE(now(c, c.locks.release(x)));  // granted to the frozen one, provisionally
    world.run_for(seconds{30});               // and taken over by the other
    a.rt.resume();
    world.run_for(seconds{1});
    const auto lock_y = now(c, c.locks.inspect(lock_name("y")));
    EXPECT_TRUE(lock_y.held);
    EXPECT_FALSE(first->has_value() || second->has_value());
    auto give = [](const scoped_lease& what, locker& locks) -> task<result<bool>> {
        co_return co_await locks.release(what.current());
    };
    EXPECT_TRUE(now(c, give(y, c.locks)));
    ASSERT_TRUE(comes(second, seconds{30}));
    EXPECT_TRUE(now(b, b.locks.release((*second)->value().whole())));
    ASSERT_TRUE(comes(first, seconds{30}));
}

TEST_F(crashes, a_barrier_breaks_when_a_party_dies) {
    async_barrier at_a(a.locks, the_name, 3, ten_seconds);
    async_barrier at_b(b.locks, the_name, 3, ten_seconds);
    const auto dies = start(a, at_a.arrive());
    const auto waits = start(b, at_b.arrive());
    world.run_for(minutes{1});
    EXPECT_FALSE(waits->has_value());
    a.rt.crash();
    ASSERT_TRUE(comes(waits, seconds{10} + milliseconds{250}));
    EXPECT_EQ((*waits)->error(), errc::lease_lost);
    EXPECT_FALSE(dies->has_value());
}

TEST_F(crashes, a_latch_opens_for_those_whose_push_was_lost) {
    async_latch at_a(a.locks, the_name);
    async_latch at_b(b.locks, the_name);
    EXPECT_TRUE(now(a, at_a.create(1)));
    const auto waits = start(b, at_b.wait());
    world.run_for(seconds{1});
    const owned_script forget("return redis.call('DEL', KEYS[1])");
    script_keys queue("hf:s:{n}:n");
    now(a, a.st.run(forget.get(), std::move(queue), script_args()));  // nobody will be told
    EXPECT_EQ(now(a, at_a.count_down(latch_token("one"))), 0);
    ASSERT_TRUE(comes(waits, seconds{10}));
    EXPECT_TRUE((*waits)->value());
}

TEST_F(crashes, the_next_candidate_follows_a_dead_leader_and_observers_see_it) {
    async_election at_a(a.locks, the_name, ten_seconds);
    async_election at_b(b.locks, the_name, ten_seconds);
    election_observer watch(c.locks, the_name);
    const auto first = now(a, at_a.campaign(leader_value("a")));
    const auto kept = a.locks.keep(first);
    EXPECT_EQ(now(c, watch.next())->value, "a");
    const auto second = start(b, at_b.campaign(leader_value("b")));
    world.run_for(minutes{2});
    EXPECT_TRUE(kept.valid(world.now()));
    const auto change = start(c, watch.next());
    a.rt.crash();
    ASSERT_TRUE(comes(second, seconds{10} + milliseconds{250}));
    EXPECT_GT((*second)->value().fence(), first.fence());
    ASSERT_TRUE(comes(change, seconds{1}));
    const auto seen = (*change)->value();
    EXPECT_EQ(seen ? seen->value : now(c, watch.next())->value, "b");
}

}  // namespace
}  // namespace holdfast::test
