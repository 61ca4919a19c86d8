// Leases that move to another process, requests to give up, and the rest after a crash.
#include "lock/faulty_store.hpp"
#include "lock/lock_world.hpp"

namespace holdfast::test {
namespace {

TEST_P(both_stores, an_offered_lease_moves_and_the_old_handle_is_lost) {
    auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n"));
    const auto sent = kept.offer().str();
    const auto taken = fleet.run(fleet.b->locks.accept(lease_offer::parse(sent).value()));
    ASSERT_TRUE(taken);
    EXPECT_GT(taken->fence(), kept.fence());
    EXPECT_EQ(fleet.text({"GET", "n"}), taken->owner().str());
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::transferred);
    EXPECT_FALSE(*fleet.run(kept.release()));
    EXPECT_TRUE(fleet.look("n").held);
    EXPECT_TRUE(fleet.give(*fleet.b, *taken));
}

TEST_P(both_stores, an_offer_is_accepted_once_and_only_while_it_is_in_force) {
    const auto held = fleet.take(*fleet.a, "n");
    const lease_offer offer(held);
    ASSERT_TRUE(fleet.run(fleet.b->locks.accept(offer)));
    EXPECT_EQ(fleet.run(fleet.a->locks.accept(offer)).error(), errc::lease_lost);
    const auto other = fleet.take(*fleet.a, "m");
    const lease_offer late(other);
    fleet.give(*fleet.a, other);
    EXPECT_EQ(fleet.run(fleet.b->locks.accept(late)).error(), errc::lease_lost);
    EXPECT_FALSE(fleet.look("m").held);
}

TEST_P(both_stores, a_lost_reply_of_an_accept_is_asked_for_again) {
    auto* faulty = new faulty_store(fleet.open());
    const std::unique_ptr<store> owned(faulty);
    locker there(fleet.world.runtime, *owned);
    const auto held = fleet.take(*fleet.a, "n");
    faulty->next("lock/accept", faulty_store::fault::lost_reply);
    const auto taken = fleet.run(there.accept(lease_offer(held)));
    ASSERT_TRUE(taken);
    EXPECT_EQ(fleet.text({"GET", "n"}), taken->owner().str());
    EXPECT_EQ(fleet.look("n").fence, taken->fence());
    EXPECT_EQ(faulty->calls_of("lock/accept"), 2U);
}

TEST_P(both_stores, waiters_keep_their_place_when_a_lease_moves) {
    const auto held = fleet.take(*fleet.a, "n");
    auto waiter = fleet.queue(*fleet.a, "n");
    const auto moved = fleet.run(fleet.b->locks.accept(lease_offer(held))).value();
    EXPECT_FALSE(waiter->done());
    fleet.give(*fleet.b, moved);
    fleet.until([&] { return waiter->done(); });
    EXPECT_GT((*waiter->got)->fence(), moved.fence());
}

TEST_P(both_stores, a_holder_is_asked_to_give_up_and_may_take_its_time) {
    auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n"));
    EXPECT_FALSE(fleet.look("n").revoke_requested);
    EXPECT_TRUE(*fleet.run(fleet.b->locks.request_revoke(lock_name("n"))));
    EXPECT_TRUE(fleet.look("n").revoke_requested);
    EXPECT_EQ(fleet.look("n").fence, kept.fence());
    fleet.until([&] { return kept.revoke_requested().stop_requested(); });
    EXPECT_TRUE(kept.valid(fleet.now()));
    EXPECT_FALSE(kept.lost().stop_requested());
    EXPECT_TRUE(*fleet.run(kept.release()));
    (void)fleet.take(*fleet.b, "n");
    EXPECT_FALSE(fleet.look("n").revoke_requested);
}

TEST_P(both_stores, a_request_that_came_before_the_lease_was_kept_is_heard_of_then) {
    auto got = fleet.take(*fleet.a, "n");
    EXPECT_TRUE(*fleet.run(fleet.b->locks.request_revoke(lock_name("n"))));
    EXPECT_TRUE(fleet.look("n").revoke_requested);  // by a's connection, so its push has come too
    auto kept = fleet.a->locks.keep(std::move(got));
    fleet.until([&] { return kept.revoke_requested().stop_requested(); });
    EXPECT_TRUE(kept.valid(fleet.now()));
    EXPECT_TRUE(*fleet.run(kept.release()));
    const auto next = fleet.a->locks.keep(fleet.take(*fleet.a, "n"));
    EXPECT_FALSE(next.revoke_requested().stop_requested());
}

TEST_P(both_stores, a_holder_may_release_from_within_the_request) {
    auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n"));
    auto waiter = fleet.queue(*fleet.b, "n");
    const std::stop_callback yield(kept.revoke_requested(), [&] { kept = scoped_lease(); });
    EXPECT_TRUE(*fleet.run(fleet.b->locks.request_revoke(lock_name("n"))));
    fleet.until([&] { return waiter->done(); });
    EXPECT_TRUE(*waiter->got);
}

TEST_P(both_stores, a_request_tells_when_nobody_can_hear_it) {
    EXPECT_EQ(fleet.run(fleet.a->locks.request_revoke(lock_name("n"))).error(), errc::not_found);
    fleet.raw({"SET", "n", "plain"});
    EXPECT_FALSE(*fleet.run(fleet.a->locks.request_revoke(lock_name("n"))));
    fleet.raw({"HSET", "h", "f", "v"});
    EXPECT_EQ(fleet.run(fleet.a->locks.request_revoke(lock_name("h"))).error(), errc::wrong_type);
    (void)fleet.take(*fleet.b, "m");
    fleet.b.reset();
    fleet.until([&] { return !*fleet.run(fleet.a->locks.request_revoke(lock_name("m"))); });
}

TEST_P(both_stores, after_a_crash_nobody_gets_the_lock_for_the_cool_down) {
    acquire_options terms;
    terms.terms = {milliseconds{600}, milliseconds{0}};
    auto take = fleet.a->locks.try_acquire(lock_name("n"), lease_ttl(milliseconds{200}), terms);
    const auto held = fleet.run(std::move(take)).value();
    EXPECT_LT(held.valid_until(), fleet.now() + milliseconds{200});
    auto waiter = fleet.queue(*fleet.b, "n");
    fleet.until([&] { return waiter->done(); });
    ASSERT_TRUE(*waiter->got);
    EXPECT_GE(fleet.now(), held.valid_until() + milliseconds{600});
}

TEST_P(both_stores, a_release_has_no_cool_down_and_an_extension_keeps_it) {
    acquire_options terms;
    terms.terms = {seconds{20}, milliseconds{0}};
    auto take = fleet.a->locks.try_acquire(lock_name("n"), lease_ttl(seconds{5}), terms);
    const auto held = fleet.run(std::move(take)).value();
    const auto longer = fleet.run(fleet.a->locks.extend(held)).value();
    EXPECT_GT(fleet.raw({"PTTL", "n"}).as_integer(), 20000);
    EXPECT_LT(longer.valid_until(), fleet.now() + seconds{5});
    EXPECT_TRUE(fleet.give(*fleet.a, longer));
    EXPECT_EQ(fleet.try_take(*fleet.b, "n"), errc{});
}

TEST(lease_offer, reads_back_what_it_wrote_and_nothing_else) {
    const auto owner = owner_id::parse("0123456789abcdef0123456789abcdef").value();
    const lock_terms terms{milliseconds{7}, milliseconds{9}};
    const lease held(lock_name("a:b c"), owner, fencing_token(42), lease_ttl(seconds{3}), {},
                     terms);
    const auto text = lease_offer(held).str();
    const auto read = lease_offer::parse(text).value();
    EXPECT_EQ(read.str(), text);
    EXPECT_EQ(read.name(), lock_name("a:b c"));
    EXPECT_EQ(read.owner(), owner);
    EXPECT_EQ(read.fence(), fencing_token(42));
    EXPECT_EQ(read.terms().cool_down, milliseconds{7});
    const std::string head = "holdfast-lease:1:0123456789abcdef0123456789abcdef:";
    for (const auto* rest : {"42:3000:0:0:", "42:3000:0:a", "-1:3000:0:0:a", "x:3000:0:0:a",
                             "42:0:0:0:a", "42:3000:0:99999999999:a", "42:3000:0:0:a{", ""})
        EXPECT_EQ(lease_offer::parse(head + rest).error(), errc::invalid_argument) << rest;
    EXPECT_EQ(lease_offer::parse("").error(), errc::invalid_argument);
    EXPECT_EQ(lease_offer::parse("holdfast-lease:2:x").error(), errc::invalid_argument);
}

}  // namespace
}  // namespace holdfast::test
