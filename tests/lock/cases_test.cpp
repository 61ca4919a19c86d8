// Behaviour that users of other lock libraries rely on; all cases: tests/data/lock/cases.txt.
#include "holdfast/multi_lock.hpp"
#include "holdfast/recursive_mutex.hpp"
#include "holdfast/semaphore.hpp"
#include "lock/faulty_store.hpp"
#include "lock/started.hpp"

#include <algorithm>

namespace holdfast::test {
namespace {

class cases : public both_stores {
protected:
    const lock_name n{"n"};
    const lease_ttl ttl{seconds{30}};

    errc extend(process_view& who, const lease& held) {
        const auto got = fleet.run(who.locks.extend(held));
        return got ? errc{} : errc_of(got.error());
    }
    /// The holder's process is gone: nobody extends or releases.
    lease die_holding(milliseconds span) {
        auto gone = fleet.join();
        return fleet.take(*gone, "n", span);
    }
};

TEST_P(cases, case_01_locked_while_it_is_held_and_free_afterwards) {
    EXPECT_FALSE(fleet.look("n").held);
    const auto held = fleet.take(*fleet.a, "n");
    EXPECT_TRUE(fleet.look("n").held);
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    EXPECT_FALSE(fleet.look("n").held);
}

TEST_P(cases, case_04_a_blocked_locker_gets_it_when_the_lease_ends_and_the_late_release_is_a_no) {
    const auto held = fleet.take(*fleet.a, "n", milliseconds{400});
    auto blocked = fleet.queue(*fleet.b, "n", hours{1});
    fleet.until([&] { return blocked->done(); });
    EXPECT_FALSE(held.valid(fleet.now()));
    EXPECT_LT(fleet.now(), held.valid_until() + seconds{2});
    EXPECT_FALSE(fleet.give(*fleet.a, held));
    EXPECT_EQ(fleet.look("n").owner, (*blocked->got)->owner().str());
}

TEST_P(cases, case_05_the_lock_of_a_dead_process_is_free_after_its_ttl) {
    (void)die_holding(milliseconds{300});
    EXPECT_EQ(fleet.try_take(*fleet.a, "n"), errc::busy);
    auto next = fleet.start(*fleet.a, "n", hours{1}, seconds{10});
    fleet.until([&] { return next->done(); });
    EXPECT_TRUE(*next->got);
}

TEST_P(cases, case_06_a_timed_try_gives_up_on_time) {
    const auto held = fleet.take(*fleet.a, "n");
    const auto began = fleet.now();
    auto tried = fleet.start(*fleet.b, "n", seconds{30}, milliseconds{300});
    fleet.until([&] { return tried->done(); });
    EXPECT_EQ(tried->error(), errc::timed_out);
    EXPECT_GE(fleet.now() - began, milliseconds{300});
    EXPECT_LT(fleet.now() - began, seconds{3});
}

TEST_P(cases, case_09_what_is_left_of_a_lease_is_its_own_affair) {
    const auto rest = [&] { return fleet.look("n").ends_in; };
    EXPECT_FALSE(rest());
    const auto hour = fleet.take(*fleet.a, "n", hours{1});
    EXPECT_GT(*rest(), minutes{59});
    EXPECT_LE(*rest(), hours{1});
    EXPECT_TRUE(fleet.give(*fleet.a, hour));
    EXPECT_FALSE(rest());
    const auto brief = fleet.take(*fleet.a, "n", seconds{30});  // no memory of the hour before
    EXPECT_LE(*rest(), seconds{30});
    EXPECT_TRUE(fleet.give(*fleet.a, brief));
    async_recursive_mutex house(fleet.a->locks, n, lease_ttl(minutes{5}));
    EXPECT_TRUE(fleet.run(house.lock()));
    const auto once = *rest();
    EXPECT_TRUE(fleet.run(house.lock()));
    EXPECT_LE(*rest(), once);  // taking it again adds nothing
}

TEST_P(cases, case_10_an_attempt_that_was_interrupted_leaves_nothing_to_renew) {
    for (int steps = 0; steps < 8; ++steps) {
        auto tried = start<lease>(fleet, fleet.a->locks.try_acquire(n, lease_ttl(seconds{2})));
        for (int i = 0; i < steps; ++i) fleet.world.context.poll_one();
        tried->cancel.emit(boost::asio::cancellation_type::total);
        fleet.until([&] { return tried->done(); });
        if (*tried->got) fleet.give(*fleet.a, tried->value());
        fleet.until([&] { return !fleet.look("n").held; });
    }
}

TEST_P(cases, case_12_thousands_of_tasks_share_one_connection_and_five_locks) {
    int done = 0;
    const auto work = [&](int i) -> task<void> {
        const lock_name name("n" + std::to_string(i % 5));
        auto got = co_await fleet.a->locks.acquire(name, ttl);
        EXPECT_TRUE(got);
        if (got) (void)co_await fleet.a->locks.release(*got);
        ++done;
    };
    for (int i = 0; i < 2000; ++i)
        boost::asio::co_spawn(fleet.world.context, work(i), boost::asio::detached);
    fleet.until([&] { return done == 2000; });
    for (int i = 0; i < 5; ++i) {
        const auto name = "n" + std::to_string(i);
        EXPECT_EQ(fleet.raw({"EXISTS", name, "hf:q:{" + name + "}:" + name}).as_integer(), 0);
    }
}

TEST_P(cases, case_16_dead_waiters_do_not_make_the_living_wait) {
    const auto held = fleet.take(*fleet.a, "n");
    for (int i = 1; i <= 3; ++i) {
        const auto id = std::string(31, '0') + std::to_string(i);
        fleet.raw({"ZADD", "hf:q:{n}:n", "1", id + "|300000|dead/1|hf:nobody"});
    }
    auto first = fleet.queue(*fleet.b, "n"), second = fleet.queue(*fleet.b, "n");
    const auto began = fleet.now();
    fleet.give(*fleet.a, held);
    fleet.until([&] { return first->done(); });
    fleet.give(*fleet.b, **first->got);
    fleet.until([&] { return second->done(); });
    EXPECT_LT(fleet.now() - began, seconds{3});  // no provisional lease, no ttl
}

TEST_P(cases, case_23_an_extension_lengthens_and_one_of_an_ended_lease_is_refused) {
    const auto held = fleet.take(*fleet.a, "n", seconds{10});
    fleet.sleep(milliseconds{50});
    const auto longer = fleet.run(fleet.a->locks.extend(held)).value();
    EXPECT_GT(longer.valid_until(), held.valid_until());
    EXPECT_EQ(longer.fence(), held.fence());
    EXPECT_TRUE(fleet.give(*fleet.a, longer));
    EXPECT_EQ(extend(*fleet.a, longer), errc::lease_lost);
}

// Elsewhere extending takes a lock again that is gone. That hides that somebody may have had it in
// between, so here it is a loss; whoever wants it takes it anew, with a higher fence.
TEST_P(cases, case_24_an_extension_never_takes_what_is_gone) {
    const auto held = fleet.take(*fleet.a, "n");
    fleet.raw({"DEL", "n"});
    EXPECT_EQ(extend(*fleet.a, held), errc::lease_lost);
    EXPECT_FALSE(fleet.look("n").held);
    const auto again = fleet.take(*fleet.a, "n");
    EXPECT_GT(again.fence(), held.fence());
    EXPECT_EQ(extend(*fleet.b, held), errc::lease_lost);
    EXPECT_EQ(fleet.look("n").owner, again.owner().str());
}

TEST_P(cases, case_25_a_release_tells_too_late_from_in_time) {
    const auto held = die_holding(milliseconds{100});
    fleet.until([&] { return !fleet.look("n").held; });
    const auto late = fleet.run(fleet.a->locks.release(held));
    ASSERT_TRUE(late);  // an answer, not a failure
    EXPECT_FALSE(*late);
}

TEST_P(cases, case_27_a_lease_is_a_value_and_may_be_released_by_another_object) {
    const auto held = fleet.take(*fleet.a, "n");
    const lease copy = held;
    EXPECT_TRUE(fleet.give(*fleet.b, copy));
    EXPECT_FALSE(fleet.give(*fleet.a, held));
}

TEST_P(cases, case_28_of_many_at_once_exactly_one_has_it) {
    std::vector<std::unique_ptr<started<lease>>> tries;
    for (int i = 0; i < 50; ++i)
        tries.push_back(
            start<lease>(fleet, (i % 2 == 0 ? fleet.a : fleet.b)->locks.try_acquire(n, ttl)));
    fleet.until([&] { return std::ranges::all_of(tries, [](auto& t) { return t->done(); }); });
    const auto have = std::ranges::count_if(tries, [](auto& t) { return t->got->has_value(); });
    EXPECT_EQ(have, 1);
    for (auto& each : tries) EXPECT_TRUE(*each->got || each->error() == errc::busy);
}

TEST_P(cases, case_28_a_release_or_an_extension_of_somebody_elses_lock_changes_nothing) {
    const auto old = fleet.take(*fleet.a, "n");
    EXPECT_TRUE(fleet.give(*fleet.a, old));
    const auto held = fleet.take(*fleet.b, "n", seconds{20});
    const auto before = fleet.look("n");
    EXPECT_FALSE(fleet.give(*fleet.a, old));
    EXPECT_EQ(extend(*fleet.a, old), errc::lease_lost);
    EXPECT_EQ(fleet.look("n").owner, held.owner().str());
    EXPECT_LE(*fleet.look("n").ends_in, *before.ends_in);
}

TEST_P(cases, case_28_a_renewal_is_repeated_after_a_transient_error) {
    faulty_store bad(fleet.open());
    locker locks(fleet.world.runtime, bad);
    auto kept = locks.keep(fleet.run(locks.try_acquire(n, lease_ttl(milliseconds{900}))).value());
    for (int i = 0; i < 3; ++i) bad.next("lock/extend", faulty_store::fault::lost_request);
    const auto end = kept.valid_until();
    fleet.until([&] { return kept.valid_until() > end || kept.lost().stop_requested(); });
    EXPECT_FALSE(kept.lost().stop_requested());
    EXPECT_GE(bad.calls_of("lock/extend"), 4U);
    EXPECT_TRUE(*fleet.run(kept.release()));
    fleet.run(locks.close());
}

TEST_P(cases, case_29_a_lease_is_extended_when_most_of_it_is_over) {
    const auto held = fleet.take(*fleet.a, "n", milliseconds{600});
    fleet.until([&] { return fleet.now() > held.valid_until() - milliseconds{200}; });
    const auto longer = fleet.run(fleet.a->locks.extend(held)).value();
    EXPECT_GT(longer.valid_until() - fleet.now(), milliseconds{300});
    fleet.until([&] { return !fleet.look("n").held; });
    EXPECT_EQ(fleet.try_take(*fleet.b, "n"), errc{});
}

TEST_P(cases, case_30_one_attempt_is_one_question) {
    faulty_store counted(fleet.open());
    locker locks(fleet.world.runtime, counted);
    const auto held = fleet.take(*fleet.a, "n");
    EXPECT_EQ(fleet.run(locks.try_acquire(n, ttl)).error(), errc::busy);
    EXPECT_EQ(counted.calls_of("lock/acquire"), 1U);
    fleet.run(locks.close());
    EXPECT_EQ(fleet.look("n").queue_length, 0U);
}

TEST_P(cases, case_31_a_second_release_is_a_no_and_so_is_all_else_of_an_ended_lease) {
    const auto held = fleet.take(*fleet.a, "n");
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    EXPECT_FALSE(fleet.give(*fleet.a, held));
    EXPECT_EQ(extend(*fleet.a, held), errc::lease_lost);
    const auto offer = fleet.run(fleet.b->locks.accept(lease_offer(held)));
    EXPECT_EQ(offer.error(), errc::lease_lost);
}

TEST_P(cases, case_32_releases_that_fail_do_not_stop_the_others) {
    faulty_store bad(fleet.open());
    locker locks(fleet.world.runtime, bad);
    std::vector<lease> held;
    for (const auto* name : {"x", "y", "z"})
        held.push_back(fleet.run(locks.try_acquire(lock_name(name), ttl)).value());
    for (int i = 0; i < 2; ++i) bad.next("lock/release", faulty_store::fault::lost_request);
    for (const auto& each : held) (void)fleet.run(locks.release(each));
    fleet.run(locks.close());  // what failed goes on in the background
    for (const auto* name : {"x", "y", "z"}) EXPECT_FALSE(fleet.look(name).held) << name;
}

INSTANTIATE_TEST_SUITE_P(memory, cases, testing::Values(&in_memory));
INSTANTIATE_TEST_SUITE_P(redis, cases, testing::Values(&in_redis));

}  // namespace
}  // namespace holdfast::test
