// Semaphores over both stores.
#include "holdfast/semaphore.hpp"

#include "lock/started.hpp"

namespace holdfast::test {
namespace {

class semaphores : public both_stores {
protected:
    async_semaphore at(process_view& who, milliseconds ttl = seconds{30},
                       std::optional<permits> initial = std::nullopt) {
        return async_semaphore(who.locks, lock_name("n"), lease_ttl(ttl), initial);
    }
    void agree(std::int64_t capacity) {
        EXPECT_TRUE(fleet.run(at(*fleet.a).set_capacity(permits(capacity))));
    }
    lease take(process_view& who, std::int64_t wanted, milliseconds ttl = seconds{30}) {
        return fleet.run(at(who, ttl).try_acquire(permits(wanted))).value();
    }
    errc try_take(process_view& who, std::int64_t wanted) {
        const auto got = fleet.run(at(who).try_acquire(permits(wanted)));
        return got ? errc{} : errc_of(got.error());
    }
    sharing_info look() { return fleet.run(at(*fleet.a).inspect()).value(); }
    std::unique_ptr<started<lease>> queue(process_view& who, std::int64_t wanted,
                                          milliseconds ttl = seconds{30}) {
        const auto before = look().queue_length;
        auto made = start<lease>(fleet, at(who, ttl).acquire(permits(wanted)));
        fleet.until([&] { return look().queue_length == before + 1; });
        return made;
    }
};

TEST_P(semaphores, permits_sum_to_the_capacity) {
    agree(5);
    const auto three = take(*fleet.a, 3);
    EXPECT_EQ(try_take(*fleet.b, 3), errc::busy);
    const auto two = take(*fleet.b, 2);
    EXPECT_GT(two.fence(), three.fence());
    EXPECT_EQ(try_take(*fleet.b, 1), errc::busy);
    EXPECT_EQ(look().in_use, 5U);
    EXPECT_EQ(look().capacity, 5U);
    EXPECT_TRUE(fleet.give(*fleet.a, three));
    EXPECT_FALSE(fleet.give(*fleet.a, three));
    EXPECT_EQ(look().in_use, 2U);
    EXPECT_EQ(try_take(*fleet.a, 3), errc{});
}

TEST_P(semaphores, draining_takes_all_that_are_free_and_nobody_is_overtaken) {
    agree(5);
    const auto two = take(*fleet.a, 2);
    auto rest = fleet.run(at(*fleet.b).drain()).value();
    EXPECT_EQ(rest.count, 3U);
    EXPECT_GT(rest.kept.fence(), two.fence());
    EXPECT_EQ(look().in_use, 5U);
    EXPECT_EQ(fleet.run(at(*fleet.b).drain()).error(), errc::busy);
    EXPECT_EQ(try_take(*fleet.a, 1), errc::busy);
    auto waiter = queue(*fleet.a, 4);
    EXPECT_TRUE(fleet.give(*fleet.b, rest.kept));
    EXPECT_EQ(fleet.run(at(*fleet.b).drain()).error(), errc::busy);  // three are free, one waits
    EXPECT_TRUE(fleet.give(*fleet.a, two));
    fleet.until([&] { return waiter->done(); });
    EXPECT_EQ(fleet.run(at(*fleet.b).drain())->count, 1U);
}

TEST_P(semaphores, a_semaphore_without_a_capacity_gives_nothing) {
    EXPECT_EQ(try_take(*fleet.a, 1), errc::not_found);
    EXPECT_EQ(fleet.run(at(*fleet.a).acquire()).error(), errc::not_found);
    EXPECT_EQ(fleet.raw({"DBSIZE"}).as_integer(), 0);
}

TEST_P(semaphores, the_first_initial_capacity_counts_until_one_is_set) {
    auto first = at(*fleet.a, seconds{30}, permits(2));
    auto second = at(*fleet.b, seconds{30}, permits(9));
    const auto held = *fleet.run(first.try_acquire());
    EXPECT_EQ(fleet.run(second.try_acquire(permits(3))).error(), errc::invalid_argument);
    EXPECT_GT(fleet.raw({"PTTL", "hf:c:{n}:n"}).as_integer(), 0);
    agree(4);
    EXPECT_EQ(fleet.raw({"PTTL", "hf:c:{n}:n"}).as_integer(), -1);
    EXPECT_TRUE(fleet.run(second.try_acquire(permits(3))));
    EXPECT_TRUE(fleet.run(at(*fleet.a).forget_capacity()));
    EXPECT_TRUE(fleet.run(fleet.a->locks.extend(held)));
    EXPECT_EQ(try_take(*fleet.a, 1), errc::not_found);
}

TEST_P(semaphores, a_big_request_at_the_head_is_not_overtaken) {
    agree(4);
    const auto one = take(*fleet.a, 1);
    const auto other = take(*fleet.a, 2);
    auto big = queue(*fleet.b, 4);
    auto small = queue(*fleet.a, 1);
    EXPECT_EQ(try_take(*fleet.b, 1), errc::busy);
    fleet.give(*fleet.a, other);
    EXPECT_EQ(look().queue_length, 2U);
    fleet.give(*fleet.a, one);
    fleet.until([&] { return big->done(); });
    EXPECT_FALSE(small->done());
    fleet.give(*fleet.b, big->value());
    fleet.until([&] { return small->done(); });
    EXPECT_GT(small->value().fence(), big->value().fence());
}

TEST_P(semaphores, one_release_lets_several_in) {
    agree(3);
    const auto all = take(*fleet.a, 3);
    auto one = queue(*fleet.b, 1);
    auto two = queue(*fleet.a, 1);
    auto three = queue(*fleet.b, 1);
    auto four = queue(*fleet.b, 1);
    fleet.give(*fleet.a, all);
    fleet.until([&] { return one->done() && two->done() && three->done(); });
    EXPECT_FALSE(four->done());
    EXPECT_EQ(look().in_use, 3U);
}

TEST_P(semaphores, permits_expire_with_a_dead_holder_and_its_late_release_is_a_no) {
    agree(2);
    const auto dead = take(*fleet.a, 2, milliseconds{200});
    auto waiter = queue(*fleet.b, 1, hours{1});  // its heartbeat is far away
    fleet.until([&] { return waiter->done(); });
    EXPECT_GE(fleet.now(), dead.valid_until());
    EXPECT_FALSE(fleet.give(*fleet.a, dead));
    EXPECT_EQ(fleet.run(fleet.a->locks.extend(dead)).error(), errc::lease_lost);
    EXPECT_EQ(look().in_use, 1U);
}

TEST_P(semaphores, a_permit_is_given_back_by_its_id_from_anywhere) {
    agree(1);
    const auto held = take(*fleet.a, 1);
    EXPECT_TRUE(*fleet.run(at(*fleet.b).release(held.owner())));
    EXPECT_FALSE(*fleet.run(at(*fleet.b).release(held.owner())));
    EXPECT_EQ(try_take(*fleet.b, 1), errc{});
}

TEST_P(semaphores, a_kept_permit_outlives_its_ttl_and_tells_its_loss) {
    agree(1);
    auto kept = fleet.a->locks.keep(take(*fleet.a, 1, milliseconds{200}));
    const auto first_end = kept.valid_until();
    fleet.until([&] { return fleet.now() > first_end + milliseconds{200}; });
    EXPECT_FALSE(kept.lost().stop_requested());
    EXPECT_TRUE(*fleet.run(at(*fleet.b).release(kept.current().owner())));
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::erased);
}

TEST_P(semaphores, a_larger_capacity_lets_waiters_in_a_smaller_one_throws_nobody_out) {
    agree(1);
    const auto held = take(*fleet.a, 1);
    EXPECT_EQ(fleet.run(at(*fleet.b).acquire(permits(2))).error(), errc::invalid_argument);
    agree(3);
    const auto more = take(*fleet.b, 2);
    auto waiter = queue(*fleet.b, 2);
    auto small = queue(*fleet.a, 1);
    agree(1);
    fleet.until([&] { return waiter->done(); });
    EXPECT_EQ(waiter->error(), errc::invalid_argument);
    EXPECT_EQ(look().in_use, 3U);
    EXPECT_TRUE(fleet.run(fleet.b->locks.extend(more)));
    fleet.give(*fleet.b, more);
    EXPECT_FALSE(small->done());
    fleet.give(*fleet.a, held);
    fleet.until([&] { return small->done(); });
    EXPECT_TRUE(*small->got);
}

TEST_P(semaphores, other_kinds_of_keys_are_left_alone) {
    const auto held = fleet.take(*fleet.a, "n");
    EXPECT_EQ(fleet.run(at(*fleet.b).set_capacity(permits(1))).error(), errc::wrong_type);
    EXPECT_EQ(fleet.run(at(*fleet.b, seconds{1}, permits(1)).try_acquire()).error(),
              errc::wrong_type);
    EXPECT_EQ(fleet.text({"GET", "n"}), held.owner().str());
}

TEST_P(semaphores, the_capacity_holds_with_many_contenders) {
    agree(5);
    int in_use = 0;
    int turns = 0;
    auto contender = [&](process_view& who, int weight) -> task<void> {
        auto pool = at(who);
        for (int i = 0; i < 15; ++i) {
            auto got = co_await pool.acquire(permits(weight));
            EXPECT_TRUE(got);
            in_use += weight;
            EXPECT_LE(in_use, 5);
            co_await fleet.world.runtime.sleep_until(fleet.now() + microseconds{200});
            in_use -= weight;
            EXPECT_TRUE(*co_await who.locks.release(*got));
            ++turns;
        }
    };
    for (int i = 0; i < 10; ++i)
        boost::asio::co_spawn(fleet.world.context,
                              contender(i % 2 == 0 ? *fleet.a : *fleet.b, 1 + i % 5),
                              boost::asio::detached);
    fleet.until([&] { return turns == 150; });
    EXPECT_EQ(look().in_use, 0U);
}

TEST(permits, are_at_least_one) {
    for (const std::int64_t count : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40})
        EXPECT_EQ(permits::parse(count).error(), errc::invalid_argument);
    EXPECT_EQ(permits(7).count(), 7U);
}

INSTANTIATE_TEST_SUITE_P(memory, semaphores, testing::Values(&in_memory));
INSTANTIATE_TEST_SUITE_P(redis, semaphores, testing::Values(&in_redis));

}  // namespace
}  // namespace holdfast::test
