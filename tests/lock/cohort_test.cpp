// Turns inside a process: threads and coroutines, budgets, fences, other processes.
#include "holdfast/cohort.hpp"

#include "lock/cohort_state.hpp"
#include "lock/lock_world.hpp"
#include "lock/started.hpp"

#include <algorithm>

namespace holdfast::test {
namespace {

class cohorts : public both_stores {
protected:
    /// Takes a turn, notes it, and ends it after `span`.
    task<void> turn(cohort& of, std::string who, nanoseconds span = nanoseconds{0}) {
        auto got = co_await of.acquire();
        EXPECT_TRUE(got);
        EXPECT_GT(got->fence(), last);
        last = got->fence();
        EXPECT_EQ(++inside, 1);
        if (span > nanoseconds{0}) co_await fleet.world.runtime.sleep_until(fleet.now() + span);
        --inside;
        turns.push_back(std::move(who));
    }
    void start(cohort& of, int count, const std::string& who, nanoseconds span = {}) {
        for (int i = 0; i < count; ++i)
            boost::asio::co_spawn(fleet.world.context, turn(of, who, span), boost::asio::detached);
    }
    /// A cohort of `a` with somebody inside for `first`, and `count` more in line.
    std::unique_ptr<cohort> busy(cohort_options budget, milliseconds first, int count,
                                 milliseconds each = {}) {
        auto ours = std::make_unique<cohort>(fleet.a->locks, lock_name("n"), lease_ttl(seconds{30}),
                                             budget);
        start(*ours, 1, "a", first);
        fleet.until([&] { return inside == 1; });
        start(*ours, count, "a", each);
        return ours;
    }
    /// What another process got ends, and the cohort has all its turns.
    void finish(const lease& remote, std::size_t all) {
        EXPECT_GT(remote.fence(), last);
        last = remote.fence();
        fleet.give(*fleet.b, remote);
        fleet.until([&] { return turns.size() == all; });
    }
    std::vector<std::string> turns;
    fencing_token last;
    int inside = 0;
};

TEST_P(cohorts, pass_the_lock_on_in_memory_with_a_fence_for_every_turn) {
    cohort ours(fleet.a->locks, lock_name("n"), lease_ttl(seconds{30}));
    start(ours, 100, "a");
    fleet.until([&] { return turns.size() == 100; });
    fleet.until([&] { return !fleet.look("n").held; });
    const auto took = std::ranges::count(fleet.a->events.notes, "lease.acquired n");
    EXPECT_EQ(took, 1);
    EXPECT_GT(fleet.take(*fleet.b, "n").fence(), last);
}

TEST_P(cohorts, h17_a_process_that_waits_gets_its_turn_when_the_budget_is_spent) {
    cohort_options budget;
    budget.passes = 4;
    budget.span = seconds{10};
    const auto ours = busy(budget, milliseconds{30}, 40);
    auto remote = fleet.queue(*fleet.b, "n");
    fleet.until([&] { return remote->done(); });
    EXPECT_LE(turns.size(), 1U + 4U);
    ASSERT_TRUE(*remote->got);
    finish(**remote->got, 41);
}

TEST_P(cohorts, h17_the_budget_is_one_of_time_too) {
    cohort_options budget;
    budget.passes = 1000;
    budget.span = milliseconds{20};
    const auto ours = busy(budget, milliseconds{10}, 200, milliseconds{5});
    auto remote = fleet.queue(*fleet.b, "n");
    fleet.until([&] { return remote->done(); });
    EXPECT_LT(turns.size(), 100U);
    ASSERT_TRUE(*remote->got);
    finish(**remote->got, 201);
}

TEST_P(cohorts, h17_no_batch_is_begun_that_may_outlast_the_lease) {
    cohort_options budget;
    budget.passes = 1000;
    budget.span = minutes{10};  // against a ttl of 30 s
    cohort ours(fleet.a->locks, lock_name("n"), lease_ttl(seconds{30}), budget);
    start(ours, 10, "a");
    fleet.until([&] { return turns.size() == 10; });
    EXPECT_EQ(std::ranges::count(fleet.a->events.notes, "lease.acquired n"), 10);
}

// The waiter's own heartbeat would be 10 s later; it is told when the batch will be over instead.
TEST_P(cohorts, h17_a_process_that_waits_is_told_how_long_the_batch_lasts) {
    cohort_options budget;
    budget.passes = 1000;
    budget.span = milliseconds{400};
    const auto ours = busy(budget, milliseconds{30}, 30, milliseconds{90});
    std::vector<steady_time> answers;
    acquire_options options;
    options.on_wait = [&](const wait_status&) { answers.push_back(fleet.now()); };
    std::optional<result<lease>> got;
    auto wait = [&]() -> task<void> {
        got.emplace(
            co_await fleet.b->locks.acquire(lock_name("n"), lease_ttl(minutes{5}), options));
    };
    boost::asio::co_spawn(fleet.world.context, wait(), boost::asio::detached);
    fleet.until([&] { return answers.size() >= 2 || got; });
    ASSERT_GE(answers.size(), 2U);
    EXPECT_GE(answers[1] - answers[0], milliseconds{300});
    EXPECT_LT(answers[1] - answers[0], seconds{5});
    fleet.until([&] { return got.has_value(); });
    EXPECT_LT(turns.size(), 31U);
    ASSERT_TRUE(*got);
    finish(**got, 31);
}

TEST_P(cohorts, without_waiters_elsewhere_go_on_batch_after_batch) {
    cohort_options budget;
    budget.passes = 2;
    cohort ours(fleet.a->locks, lock_name("n"), lease_ttl(seconds{30}), budget);
    start(ours, 50, "a");
    fleet.until([&] { return turns.size() == 50; });
    EXPECT_EQ(std::ranges::count(fleet.a->events.notes, "lease.acquired n"), 1);
}

TEST_P(cohorts, take_the_lock_again_when_it_was_lost_between_turns) {
    cohort ours(fleet.a->locks, lock_name("n"), lease_ttl(seconds{30}));
    auto first = fleet.run(ours.acquire());
    ASSERT_TRUE(first);
    last = first->fence();
    start(ours, 1, "a");
    const auto bar = fleet.run(fleet.b->locks.force_break(lock_name("n")));
    fleet.until([&] { return first->lost().stop_requested(); });
    EXPECT_TRUE(turns.empty());
    *first = cohort_turn();
    last = *bar;
    fleet.until([&] { return turns.size() == 1; });
}

TEST_P(cohorts, who_gives_up_leaves_no_trace) {
    cohort ours(fleet.a->locks, lock_name("n"), lease_ttl(seconds{30}));
    const auto held = fleet.take(*fleet.b, "n");
    auto limited = ours.acquire(fleet.now() + milliseconds{30});
    EXPECT_EQ(fleet.run(std::move(limited)).error(), errc::timed_out);
    fleet.until([&] { return fleet.look("n").queue_length == 0; });
    fleet.give(*fleet.b, held);
    last = held.fence();
    start(ours, 1, "a");
    fleet.until([&] { return turns.size() == 1 && !fleet.look("n").held; });
}

TEST_P(cohorts, who_is_cancelled_in_line_leaves_it_and_keeps_no_turn) {
    for (int steps = 0; steps < 8; ++steps) {
        auto ours =
            std::make_unique<cohort>(fleet.a->locks, lock_name("n"), lease_ttl(seconds{30}));
        auto first = fleet.run(ours->acquire());
        ASSERT_TRUE(first);
        auto gone = holdfast::test::start<cohort_turn>(fleet, ours->acquire());
        auto next = holdfast::test::start<cohort_turn>(fleet, ours->acquire());
        ours.reset();  // those in line need it no more
        for (int i = 0; i < 4; ++i) fleet.world.context.poll_one();
        *first = cohort_turn();
        for (int i = 0; i < steps; ++i) fleet.world.context.poll_one();
        gone->cancel.emit(boost::asio::cancellation_type::total);
        fleet.until([&] { return gone->done(); });
        if (*gone->got) gone->value() = cohort_turn();
        EXPECT_TRUE(*gone->got || gone->error() == errc::cancelled);
        fleet.until([&] { return next->done(); });
        EXPECT_TRUE(*next->got);
        next.reset();
        fleet.until([&] { return !fleet.look("n").held; });
    }
}

// As threads do it: both join before the locker's thread comes to ask the store.
TEST_P(cohorts, a_try_does_not_wait_for_who_stands_behind_it) {
    const auto held = fleet.take(*fleet.b, "n");
    const auto state =
        std::make_shared<cohort_state>(fleet.a->locks, fleet.a->locks.core(), lock_name("n"),
                                       lease_ttl(seconds{30}), cohort_options());
    const auto made = [] {
        auto waiter = std::make_shared<cohort_waiter>();
        waiter->wake = [] {};
        return waiter;
    };
    const auto hasty = made(), patient = made();
    EXPECT_TRUE(state->join_if_idle(hasty));
    EXPECT_FALSE(state->join_if_idle(made()));
    state->join(patient);
    fleet.until([&] { return hasty->outcome.has_value(); });
    EXPECT_EQ(hasty->outcome->error(), errc::busy);
    fleet.until([&] { return fleet.look("n").queue_length == 1; });
    EXPECT_FALSE(patient->outcome);
    fleet.give(*fleet.b, held);
    fleet.until([&] { return patient->outcome.has_value(); });
    ASSERT_TRUE(*patient->outcome);
    state->end_turn();
    fleet.until([&] { return !fleet.look("n").held; });
}

TEST_P(cohorts, pass_failures_to_everybody_in_line) {
    fleet.raw({"HSET", "n", "f", "v"});
    cohort ours(fleet.a->locks, lock_name("n"), lease_ttl(seconds{30}));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(fleet.run(ours.acquire()).error(), errc::wrong_type);
    for (const cohort_options odd :
         {cohort_options{0, {}}, cohort_options{1001, {}}, cohort_options{1, milliseconds{-1}},
          cohort_options{1, milliseconds::max()}})
        EXPECT_THROW(cohort(fleet.a->locks, lock_name("n"), lease_ttl(seconds{1}), odd),
                     boost::system::system_error);
}

INSTANTIATE_TEST_SUITE_P(memory, cohorts, testing::Values(&in_memory));
INSTANTIATE_TEST_SUITE_P(redis, cohorts, testing::Values(&in_redis));

}  // namespace
}  // namespace holdfast::test
