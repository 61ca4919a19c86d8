// The edges of the asynchronous calls: limits that have passed, cancelled halves, doubtful grants.
#include "holdfast/barrier.hpp"
#include "holdfast/election.hpp"
#include "holdfast/latch.hpp"
#include "holdfast/multi_lock.hpp"
#include "holdfast/rw_lock.hpp"
#include "holdfast/semaphore.hpp"
#include "lock/faulty_store.hpp"
#include "lock/started.hpp"

#include <boost/asio/post.hpp>

#include <functional>

namespace holdfast::test {
namespace {

using fault = faulty_store::fault;

class edges : public both_stores {
protected:
    const lock_name n{"n"};
    const lease_ttl ttl{seconds{30}};

    template <class T>
    errc code_of(task<result<T>> call) {
        const auto got = fleet.run(std::move(call));
        return got ? errc{} : errc_of(got.error());
    }
    bool is_free() { return !fleet.look("n").held && fleet.look("n").queue_length == 0; }
    /// Cancels the call after so many steps of the loop, from within the loop; less than none:
    /// before it has begun.
    template <class T>
    std::unique_ptr<started<T>> cancel_after(int steps, task<result<T>> call) {
        auto made = start<T>(fleet, std::move(call));
        for (int i = 0; i < steps; ++i) fleet.world.context.poll_one();
        if (steps < 0) made->cancel.emit(boost::asio::cancellation_type::total);
        boost::asio::post(fleet.world.context, [p = made.get()] {
            p->cancel.emit(boost::asio::cancellation_type::partial);
        });
        fleet.until([p = made.get()] { return p->done(); });
        return made;
    }
};

// As with the standard's timed locks: one question is always asked, and answered.
TEST_P(edges, a_limit_that_has_passed_is_one_question_and_not_a_store_that_is_away) {
    for (const auto limit : {fleet.now() - hours{1}, fleet.now(), steady_time::min()}) {
        const auto got = fleet.run(fleet.a->locks.acquire(n, ttl, limit));
        ASSERT_TRUE(got) << got.error().message();
        EXPECT_EQ(code_of(fleet.b->locks.acquire(n, ttl, limit)), errc::timed_out);
        EXPECT_TRUE(fleet.give(*fleet.a, *got));
        fleet.until([&] { return is_free(); });
    }
}

TEST_P(edges, a_limit_that_has_passed_is_one_question_for_every_member) {
    const auto past = fleet.now();
    auto& here = fleet.a->locks;
    auto& there = fleet.b->locks;
    const auto reader =
        fleet.run(async_rw_lock(here, lock_name("rw"), ttl).try_acquire(rw_mode::read));
    async_rw_lock shared(there, lock_name("rw"), ttl);
    EXPECT_EQ(code_of(shared.acquire(rw_mode::write, past)), errc::timed_out);
    const auto plan = fleet.run(shared.acquire(rw_mode::intent, past)).value();
    EXPECT_EQ(code_of(shared.upgrade(plan, past)), errc::timed_out);
    EXPECT_TRUE(fleet.give(*fleet.a, *reader));
    EXPECT_EQ(code_of(shared.upgrade(plan, past)), errc{});
}

TEST_P(edges, what_was_moved_from_holds_nothing) {
    auto first = fleet.take(*fleet.a, "n");
    const auto second = std::move(first);
    EXPECT_FALSE(first.holds_something());
    EXPECT_FALSE(first.valid(fleet.now()));
    EXPECT_FALSE(fleet.give(*fleet.a, first));
    EXPECT_EQ(code_of(fleet.a->locks.extend(first)), errc::invalid_argument);
    first = second;
    EXPECT_TRUE(first.valid(fleet.now()));
    auto kept = fleet.a->locks.keep(std::move(first));
    const auto moved = std::move(kept);
    EXPECT_FALSE(kept.holds_something());
    EXPECT_EQ(kept.reason(), lost_reason::released);
    EXPECT_FALSE(kept.lost().stop_possible());
    EXPECT_FALSE(*fleet.run(kept.release()));
    EXPECT_TRUE(moved.valid(fleet.now()));
    lock_name name("gone");
    const auto taken = std::move(name);
    EXPECT_EQ(code_of(fleet.a->locks.try_acquire(name, ttl)), errc::invalid_argument);
}

TEST_P(edges, a_second_release_answers_as_the_first_did) {
    auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n"));
    EXPECT_TRUE(*fleet.run(kept.release()));
    EXPECT_TRUE(*fleet.run(kept.release()));
    kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n"));
    fleet.raw({"SET", "n", "thief"});  // nobody has noticed yet
    EXPECT_FALSE(*fleet.run(kept.release()));
    EXPECT_FALSE(*fleet.run(kept.release()));
    EXPECT_EQ(fleet.text({"GET", "n"}), "thief");
}

TEST_P(edges, a_release_that_is_cancelled_goes_on_in_the_background) {
    for (int steps = -2; steps < 10; ++steps) {
        auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n"));
        const auto done = cancel_after(
            steps, steps % 2 == 0 ? kept.release() : fleet.a->locks.release(kept.detach()));
        EXPECT_TRUE(*done->got || done->error() == errc::cancelled);
        fleet.until([&] { return is_free(); });
    }
}

TEST_P(edges, an_acceptance_that_is_cancelled_leaves_the_lock_where_it_was_or_hands_it_on) {
    for (int steps = -1; steps < 10; ++steps) {
        const auto held = fleet.take(*fleet.a, "n");
        auto next = fleet.queue(*fleet.a, "n");
        const auto taken = cancel_after(steps, fleet.b->locks.accept(lease_offer(held)));
        if (*taken->got) {
            EXPECT_TRUE(fleet.give(*fleet.b, taken->value()));
        } else {
            EXPECT_EQ(taken->error(), errc::cancelled);
            fleet.run(fleet.b->locks.release(held));  // in vain when it was handed on
        }
        fleet.until([&] { return next->done(); });
        EXPECT_TRUE(fleet.give(*fleet.a, next->got->value()));
        fleet.until([&] { return is_free(); });
    }
}

// It asks of many locks at a time, and none of those questions may outlive it.
TEST_P(edges, a_list_that_is_cancelled_has_ended) {
    constexpr std::size_t many = 100;
    for (std::size_t i = 0; i < many; ++i) (void)fleet.take(*fleet.a, "n" + std::to_string(i));
    for (int steps = -1; steps < 40; ++steps) {
        const auto run = cancel_after(steps, fleet.b->locks.list());
        EXPECT_TRUE(*run->got || run->error() == errc::cancelled);
    }
    EXPECT_EQ(fleet.run(fleet.b->locks.list()).value().size(), many);
}

TEST_P(edges, a_list_of_which_one_reply_was_lost_is_none) {
    for (std::size_t i = 0; i < 70; ++i) (void)fleet.take(*fleet.a, "n" + std::to_string(i));
    faulty_store bad(fleet.open());
    locker locks(fleet.world.runtime, bad);
    bad.next("lock/inspect", fault::lost_reply);
    EXPECT_EQ(code_of(locks.list()), errc::outcome_unknown);
    EXPECT_EQ(fleet.run(locks.list()).value().size(), 70U);
}

TEST_P(edges, a_campaign_that_is_cancelled_leads_nowhere) {
    for (int steps = -1; steps < 14; ++steps) {
        async_election office(fleet.b->locks, n, ttl);
        const auto run = cancel_after(steps, office.campaign(leader_value("b")));
        const bool returned = !*run->got || fleet.give(*fleet.b, run->value());
        EXPECT_TRUE(returned);
        fleet.until([&] { return is_free(); });
        EXPECT_EQ(fleet.run(office.current()).value(), leader());
    }
}

TEST_P(edges, only_a_mutex_and_the_lock_of_a_leader_can_be_accepted) {
    async_semaphore pool(fleet.a->locks, lock_name("s"), ttl, permits(1));
    const auto permit = fleet.run(pool.acquire()).value();
    EXPECT_EQ(code_of(fleet.b->locks.accept(lease_offer(permit))), errc::lease_lost);
    EXPECT_TRUE(fleet.give(*fleet.a, permit));
    async_election office(fleet.a->locks, n, ttl);
    const auto lead = fleet.run(office.campaign(leader_value("a"))).value();
    const auto taken = fleet.run(fleet.b->locks.accept(lease_offer(lead))).value();
    EXPECT_GT(taken.fence(), lead.fence());
    EXPECT_EQ(fleet.run(office.current()).value(), leader());
    EXPECT_EQ(code_of(office.proclaim(lead, leader_value("late"))), errc::lease_lost);
    EXPECT_TRUE(fleet.give(*fleet.b, taken));
}

TEST_P(edges, a_margin_below_zero_is_none_and_one_as_long_as_the_lease_ends_it_at_once) {
    auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n"), {.stop_margin = nanoseconds::max()});
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::expired_locally);
    EXPECT_TRUE(*fleet.run(kept.release()));  // it was still worth giving back
    kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n", milliseconds{400}),
                               {.stop_margin = -hours{1}});
    fleet.run(fleet.a->st->close());
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_LT(fleet.now(), kept.valid_until() + seconds{10});
}

TEST_P(edges, a_proclamation_whose_reply_was_lost_is_made_again) {
    faulty_store bad(fleet.open());
    locker locks(fleet.world.runtime, bad);
    async_election office(locks, n, ttl);
    bad.next("lock/election/proclaim", fault::lost_request);
    bad.next("lock/election/proclaim", fault::lost_reply);
    const auto won = fleet.run(office.try_campaign(leader_value("x")));
    ASSERT_TRUE(won) << won.error().message();
    EXPECT_EQ(fleet.run(office.current()).value()->value, "x");
    EXPECT_TRUE(*fleet.run(office.resign(*won)));
}

TEST_P(edges, a_wait_that_is_cancelled_from_within_its_own_news_ends) {
    const auto held = fleet.take(*fleet.a, "n");
    started<lease> waiter;
    acquire_options options;
    options.on_wait = [&](const wait_status&) {
        waiter.cancel.emit(boost::asio::cancellation_type::all);
    };
    auto done = [&](error_code ec, lease got) {
        if (ec)
            waiter.got.emplace(ec);
        else
            waiter.got.emplace(std::move(got));
    };
    fleet.b->locks.async_acquire(n, ttl, options,
                                 boost::asio::bind_cancellation_slot(waiter.cancel.slot(), done));
    fleet.until([&] { return waiter.done(); });
    EXPECT_EQ(waiter.error(), errc::cancelled);
    fleet.until([&] { return fleet.look("n").queue_length == 0; });
    EXPECT_TRUE(fleet.give(*fleet.a, held));
}

TEST_P(edges, names_at_the_limit_of_their_length_work_for_every_member) {
    const auto long_name = [](char c) { return std::string(512, c); };
    EXPECT_EQ(lock_name::parse(std::string(513, 'x')).error(), errc::invalid_argument);
    auto& here = fleet.a->locks;
    const auto held = fleet.take(*fleet.a, long_name('m'));
    auto waiter = fleet.queue(*fleet.b, long_name('m'));
    fleet.give(*fleet.a, held);
    fleet.until([&] { return waiter->done(); });
    EXPECT_TRUE(fleet.run(fleet.b->locks.extend(waiter->got->value())));
    async_rw_lock shared(here, lock_name(long_name('r')), ttl);
    EXPECT_TRUE(fleet.run(shared.acquire(rw_mode::read)));
    async_semaphore pool(here, lock_name(long_name('s')), ttl, permits(1));
    EXPECT_TRUE(fleet.run(pool.acquire()));
    async_multi_lock both(here, lock_names({lock_name(long_name('x')), lock_name(long_name('y'))}),
                          ttl);
    EXPECT_TRUE(fleet.run(both.acquire()));
    async_election office(here, lock_name(long_name('e')), ttl);
    EXPECT_TRUE(fleet.run(office.campaign(leader_value("x"))));
    async_latch gate(here, lock_name(long_name('l')));
    EXPECT_TRUE(*fleet.run(gate.create(1)));
    EXPECT_EQ(*fleet.run(gate.count_down(latch_token(std::string(256, 't')))), 0);
    async_barrier round(here, lock_name(long_name('b')), 1, ttl);
    EXPECT_EQ(*fleet.run(round.arrive()), 1U);
    EXPECT_EQ(fleet.run(here.list_all())->size(), 6U);
}

TEST_P(edges, the_shortest_and_the_longest_ttl_are_leases) {
    EXPECT_EQ(lease_ttl::parse(milliseconds{0}).error(), errc::invalid_argument);
    EXPECT_EQ(lease_ttl::parse(milliseconds{-1}).error(), errc::invalid_argument);
    EXPECT_EQ(lease_ttl::parse(milliseconds::max()).error(), errc::invalid_argument);
    EXPECT_EQ(lease_ttl::parse(hours{24} + milliseconds{1}).error(), errc::invalid_argument);
    auto brief = fleet.a->locks.keep(fleet.take(*fleet.a, "n", milliseconds{1}));
    fleet.until([&] { return brief.lost().stop_requested(); });
    EXPECT_FALSE(brief.valid(fleet.now()));
    fleet.until([&] { return is_free(); });
    auto day = fleet.a->locks.keep(fleet.take(*fleet.a, "n", hours{24}));
    EXPECT_TRUE(day.valid(fleet.now() + hours{23}));
    EXPECT_TRUE(*fleet.run(day.release()));
}

/// A waiter whose process has seen a higher fence than the one it is granted with, as after a
/// rollback of the counter that the granting process knows nothing of.
class doubtful_grants : public edges {
protected:
    doubtful_grants() {
        const auto before = fleet.run(locks.try_acquire(n, ttl)).value();
        low = fencing_token(before.fence().value() - 100);
        EXPECT_TRUE(*fleet.run(locks.release(before)));
        holder = fleet.take(*fleet.a, "n");
        highest = holder.fence();
    }
    void wait_for_it() {
        mine = start<lease>(fleet, locks.acquire(n, lease_ttl(milliseconds{900})));
        fleet.until([&] { return fleet.look("n").queue_length == 1; });
    }
    /// The waiter is granted the lock with the low fence.
    void grant(bool tell) {
        const auto member = std::string(fleet.raw({"ZRANGE", "hf:q:{n}:n", "0", "0"})[0].as_text());
        const auto id = member.substr(0, 32);
        const auto fence = std::to_string(low.value());
        fleet.raw({"ZREM", "hf:q:{n}:n", member});
        fleet.raw({"SET", "hf:f:{n}:n", fence});
        fleet.raw({"SET", "hf:m:{n}:n", fence + "|" + member, "PX", "86400000"});
        fleet.raw({"SET", "n", id, "PX", "3000"});
        if (tell) fleet.raw({"PUBLISH", st.process_channel(), "lock g " + id + " " + fence + " n"});
    }
    void expect_a_proof_of_age() {
        fleet.until([&] { return mine->done(); });
        ASSERT_TRUE(*mine->got) << (*mine->got).error().message();
        EXPECT_GT(mine->value().fence(), highest);
        EXPECT_EQ(fleet.look("n").owner, mine->value().owner().str());
        EXPECT_EQ(fleet.look("n").fence, mine->value().fence());
        EXPECT_TRUE(*fleet.run(locks.release(mine->value())));
        EXPECT_TRUE(is_free());
    }

    faulty_store st{fleet.open()};
    locker locks{fleet.world.runtime, st};
    lease holder;
    fencing_token highest;
    fencing_token low;
    std::unique_ptr<started<lease>> mine;
};

TEST_P(doubtful_grants, are_refused_whatever_becomes_of_the_refusal) {
    wait_for_it();
    for (const auto how : {fault::lost_request, fault::migrating, fault::lost_reply})
        st.next("lock/release", how);
    grant(true);
    expect_a_proof_of_age();
    EXPECT_EQ(st.calls_of("lock/drop"), 0U);
}

TEST_P(doubtful_grants, are_refused_when_a_heartbeat_finds_them) {
    wait_for_it();
    st.next("lock/release", fault::lost_request);
    grant(false);
    expect_a_proof_of_age();
}

TEST_P(doubtful_grants, are_handed_on_by_who_gives_up_meanwhile) {
    wait_for_it();
    for (int i = 0; i < 100; ++i) st.next("lock/release", fault::lost_request);
    grant(true);
    fleet.until([&] { return st.calls_of("lock/release") > 3; });
    mine->cancel.emit(boost::asio::cancellation_type::total);
    fleet.until([&] { return mine->done() && is_free(); });
    EXPECT_EQ(mine->error(), errc::cancelled);
}

INSTANTIATE_TEST_SUITE_P(memory, edges, testing::Values(&in_memory));
INSTANTIATE_TEST_SUITE_P(redis, edges, testing::Values(&in_redis));
INSTANTIATE_TEST_SUITE_P(memory, doubtful_grants, testing::Values(&in_memory));
INSTANTIATE_TEST_SUITE_P(redis, doubtful_grants, testing::Values(&in_redis));

}  // namespace
}  // namespace holdfast::test
