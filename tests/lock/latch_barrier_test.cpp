// Latches and barriers over both stores.
#include "holdfast/barrier.hpp"
#include "holdfast/latch.hpp"

#include "lock/started.hpp"

namespace holdfast::test {
namespace {

class meetings : public both_stores {
protected:
    async_latch latch_of(process_view& who) { return async_latch(who.locks, lock_name("n")); }
    async_barrier barrier_of(process_view& who, std::uint32_t parties,
                             milliseconds ttl = seconds{30}) {
        return async_barrier(who.locks, lock_name("n"), parties, lease_ttl(ttl));
    }
    std::int64_t waiting() { return fleet.raw({"ZCARD", "hf:s:{n}:n"}).as_integer(); }
    std::int64_t count(process_view& who, const std::string& token) {
        return fleet.run(latch_of(who).count_down(latch_token(token))).value();
    }
    std::unique_ptr<started<bool>> wait_open(process_view& who) {
        const auto before = waiting();
        auto made = start<bool>(fleet, latch_of(who).wait());
        fleet.until([&] { return waiting() == before + 1; });
        return made;
    }
    /// Returns when it has arrived.
    std::unique_ptr<started<std::uint64_t>> arrive(process_view& who, std::uint32_t parties,
                                                   milliseconds ttl = seconds{30}) {
        const auto before = waiting();
        auto made = start<std::uint64_t>(fleet, barrier_of(who, parties, ttl).arrive());
        fleet.until([&] { return waiting() == before + 1; });
        return made;
    }
};

TEST_P(meetings, a_latch_opens_once_when_enough_have_counted) {
    EXPECT_TRUE(*fleet.run(latch_of(*fleet.a).create(2)));
    EXPECT_FALSE(*fleet.run(latch_of(*fleet.b).create(5)));
    auto first = wait_open(*fleet.b);
    auto second = wait_open(*fleet.a);
    EXPECT_FALSE(*fleet.run(latch_of(*fleet.a).is_open()));
    EXPECT_EQ(count(*fleet.a, "one"), 1);
    EXPECT_EQ(count(*fleet.b, "one"), 1);  // a repeat counts nothing
    EXPECT_FALSE(first->done());
    EXPECT_EQ(count(*fleet.b, "two"), 0);
    fleet.until([&] { return first->done() && second->done(); });
    EXPECT_TRUE(first->value());
    EXPECT_EQ(count(*fleet.b, "three"), 0);
    EXPECT_TRUE(*fleet.run(latch_of(*fleet.a).is_open()));
    EXPECT_TRUE(*fleet.run(latch_of(*fleet.b).wait()));
    EXPECT_EQ(waiting(), 0);
    EXPECT_GT(fleet.raw({"PTTL", "n"}).as_integer(), 0);
}

TEST_P(meetings, nobody_waits_for_a_latch_that_is_not_there) {
    EXPECT_EQ(fleet.run(latch_of(*fleet.a).wait()).error(), errc::not_found);
    EXPECT_EQ(fleet.run(latch_of(*fleet.a).count_down(latch_token("x"))).error(), errc::not_found);
    EXPECT_EQ(fleet.run(latch_of(*fleet.a).create(0)).error(), errc::invalid_argument);
    const auto held = fleet.take(*fleet.a, "n");
    EXPECT_EQ(fleet.run(latch_of(*fleet.a).create(1)).error(), errc::wrong_type);
    EXPECT_EQ(fleet.run(latch_of(*fleet.a).wait()).error(), errc::wrong_type);
    EXPECT_EQ(fleet.run(barrier_of(*fleet.a, 2).arrive()).error(), errc::wrong_type);
    EXPECT_EQ(fleet.text({"GET", "n"}), held.owner().str());
    EXPECT_EQ(latch_token::parse("").error(), errc::invalid_argument);
    EXPECT_EQ(latch_token::parse(std::string(257, 'x')).error(), errc::invalid_argument);
}

TEST_P(meetings, a_wait_for_a_latch_that_is_over_leaves_no_trace) {
    EXPECT_TRUE(*fleet.run(latch_of(*fleet.a).create(1)));
    auto gone = wait_open(*fleet.b);
    gone->cancel.emit(boost::asio::cancellation_type::total);
    fleet.until([&] { return gone->done() && waiting() == 0; });
    EXPECT_EQ(gone->error(), errc::cancelled);
    const auto until = fleet.now() + milliseconds{30};
    EXPECT_EQ(fleet.run(latch_of(*fleet.a).wait(until)).error(), errc::timed_out);
}

TEST_P(meetings, more_than_one_script_wakes_may_wait_for_a_latch) {
    EXPECT_TRUE(*fleet.run(latch_of(*fleet.a).create(1)));
    std::vector<std::unique_ptr<started<bool>>> many;
    for (int i = 0; i < 700; ++i)
        many.push_back(start<bool>(fleet, latch_of(i % 2 == 0 ? *fleet.a : *fleet.b).wait()));
    fleet.until([&] { return waiting() == 700; });
    count(*fleet.a, "one");
    for (const auto& one : many) fleet.until([&] { return one->done(); });
    EXPECT_EQ(waiting(), 0);
}

TEST_P(meetings, nobody_passes_a_barrier_before_all_have_come) {
    auto first = arrive(*fleet.a, 3);
    auto second = arrive(*fleet.b, 3);
    EXPECT_FALSE(first->done() || second->done());
    EXPECT_EQ(*fleet.run(barrier_of(*fleet.b, 3).arrive()), 1U);
    fleet.until([&] { return first->done() && second->done(); });
    EXPECT_EQ(first->value(), 1U);
    EXPECT_EQ(second->value(), 1U);
    auto next = arrive(*fleet.a, 2);
    EXPECT_EQ(*fleet.run(barrier_of(*fleet.b, 2).arrive()), 2U);
    fleet.until([&] { return next->done(); });
    EXPECT_EQ(next->value(), 2U);
}

// Or who has not heard of its arrival would be counted again after a jump of the store's clock.
TEST_P(meetings, outcomes_are_known_for_as_long_as_the_barrier) {
    auto first = arrive(*fleet.a, 2);
    EXPECT_EQ(*fleet.run(barrier_of(*fleet.b, 2).arrive()), 1U);
    fleet.until([&] { return first->done(); });
    const auto kept = fleet.raw({"PTTL", "hf:g:{n}:n"}).as_integer();
    EXPECT_NEAR(static_cast<double>(kept),
                static_cast<double>(fleet.raw({"PTTL", "n"}).as_integer()), 1000);
    EXPECT_GT(kept, milliseconds(hours{23}).count());
}

TEST_P(meetings, a_party_that_gives_up_breaks_the_generation_for_all) {
    auto gone = arrive(*fleet.a, 3);
    auto other = arrive(*fleet.b, 3);
    gone->cancel.emit(boost::asio::cancellation_type::total);
    fleet.until([&] { return gone->done() && other->done(); });
    EXPECT_EQ(gone->error(), errc::cancelled);
    EXPECT_EQ(other->error(), errc::lease_lost);
    auto again = arrive(*fleet.a, 2);
    EXPECT_EQ(*fleet.run(barrier_of(*fleet.b, 2).arrive()), 2U);
    fleet.until([&] { return again->done(); });
    EXPECT_EQ(again->value(), 2U);
    const auto until = fleet.now() + milliseconds{30};
    EXPECT_EQ(fleet.run(barrier_of(*fleet.a, 2).arrive(until)).error(), errc::timed_out);
    fleet.until([&] { return waiting() == 0; });
}

TEST_P(meetings, a_dead_party_breaks_the_generation_when_its_lease_ends) {
    auto alive = arrive(*fleet.b, 3, milliseconds{600});
    const auto dead = std::string(32, '7') + "|dead/1|hf:nobody";
    const auto soon = fleet.raw({"TIME"})[0].integer().value() * 1000 + 1000;
    fleet.raw({"ZADD", "hf:s:{n}:n", std::to_string(soon), dead});
    fleet.until([&] { return alive->done(); });
    EXPECT_EQ(alive->error(), errc::lease_lost);
}

// As after a jump of the store's clock, or when the reply was lost and then nobody asked for long.
TEST_P(meetings, who_asks_when_the_outcome_is_forgotten_is_not_told_that_it_broke) {
    auto forgotten = arrive(*fleet.a, 3, milliseconds{600});
    fleet.raw({"DEL", "hf:s:{n}:n"});
    fleet.until([&] { return forgotten->done(); });
    EXPECT_EQ(forgotten->error(), errc::outcome_unknown);
}

TEST_P(meetings, parties_agree_on_their_number) {
    auto first = arrive(*fleet.a, 2);
    EXPECT_EQ(fleet.run(barrier_of(*fleet.b, 3).arrive()).error(), errc::invalid_argument);
    EXPECT_EQ(fleet.run(barrier_of(*fleet.b, 0).arrive()).error(), errc::invalid_argument);
    EXPECT_EQ(*fleet.run(barrier_of(*fleet.b, 2).arrive()), 1U);
    fleet.until([&] { return first->done(); });
}

TEST_P(meetings, generations_never_mix) {
    std::vector<int> reached(3, 0);
    int ended = 0;
    auto party = [&](process_view& who, std::size_t me) -> task<void> {
        auto together = barrier_of(who, 3);
        for (int i = 1; i <= 20; ++i) {
            reached[me] = i;
            const auto passed = co_await together.arrive();
            EXPECT_TRUE(passed);
            EXPECT_EQ(*passed, static_cast<std::uint64_t>(i));
            for (const int other : reached) EXPECT_GE(other, i);
        }
        ++ended;
    };
    for (std::size_t i = 0; i < 3; ++i)
        boost::asio::co_spawn(fleet.world.context, party(i % 2 == 0 ? *fleet.a : *fleet.b, i),
                              boost::asio::detached);
    fleet.until([&] { return ended == 3; });
}

INSTANTIATE_TEST_SUITE_P(memory, meetings, testing::Values(&in_memory));
INSTANTIATE_TEST_SUITE_P(redis, meetings, testing::Values(&in_redis));

}  // namespace
}  // namespace holdfast::test
