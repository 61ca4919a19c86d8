// The holes H1 to H22 of a hand-over lock, each with the case that fell into it elsewhere.
#include "lock/calls.hpp"
#include "lock/faulty_store.hpp"
#include "lock/lock_world.hpp"

namespace holdfast::test {
namespace {

/// A waiter of a process that is gone: nobody listens to its channel.
std::string dead_member(int n) {
    auto digits = std::to_string(n);
    return std::string(32 - digits.size(), '0') + digits + "|30000|dead/1|hf:nobody";
}

// Its process listens, but nobody there reacts to the grant.
TEST_P(both_stores, h01_a_frozen_waiter_keeps_a_grant_for_the_provisional_lease_only) {
    const auto held = fleet.take(*fleet.a, "n");
    const auto frozen = std::string(32, '1');
    fleet.raw(
        {"ZADD", "hf:q:{n}:n", "1", frozen + "|300000|frozen/1|" + fleet.b->st->process_channel()});
    auto next = fleet.queue(*fleet.b, "n");
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    EXPECT_EQ(fleet.text({"GET", "n"}), frozen);
    EXPECT_LE(fleet.raw({"PTTL", "n"}).as_integer(), provisional_lease.count());
    fleet.until([&] { return next->done(); });
    EXPECT_TRUE(*next->got);
}

// It was frozen when it was granted, and hears of it when somebody else has the lock.
TEST_P(both_stores, h01_a_grant_that_is_heard_of_too_late_is_not_believed) {
    const auto held = fleet.take(*fleet.a, "n");
    auto waiter = fleet.queue(*fleet.b, "n");
    const auto place = fleet.raw({"ZRANGE", "hf:q:{n}:n", "0", "0", "WITHSCORES"});
    const auto id = std::string(place[0].as_text().substr(0, 32));
    const auto fence = std::to_string(held.fence().value() + 1);
    fleet.raw({"ZREM", "hf:q:{n}:n", std::string(place[0].as_text())});  // the grant had popped it
    fleet.raw({"PUBLISH", fleet.b->st->process_channel(), "lock g " + id + " " + fence + " n"});
    fleet.until([&] { return fleet.look("n").queue_length == 1; });
    EXPECT_EQ(fleet.raw({"ZRANGE", "hf:q:{n}:n", "0", "0", "WITHSCORES"}), place);
    EXPECT_FALSE(waiter->done());
    EXPECT_EQ(fleet.text({"GET", "n"}), held.owner().str());
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    fleet.until([&] { return waiter->done(); });
    EXPECT_TRUE(*waiter->got);
}

TEST_P(both_stores, h02_a_dead_waiter_is_skipped_within_the_release) {
    const auto held = fleet.take(*fleet.a, "n");
    fleet.raw({"ZADD", "hf:q:{n}:n", "1", dead_member(1)});
    auto alive = fleet.queue(*fleet.b, "n");
    fleet.give(*fleet.a, held);
    fleet.until([&] { return alive->done(); });
    EXPECT_TRUE(*alive->got);
}

TEST_P(both_stores, h03_a_waiter_finds_its_grant_by_heartbeat_when_the_push_was_lost) {
    const auto held = fleet.take(*fleet.a, "n");
    auto waiter = fleet.queue(*fleet.b, "n", milliseconds{600});
    const auto queued = fleet.raw({"ZRANGE", "hf:q:{n}:n", "0", "0"});
    const auto member = queued[0].as_text();
    const auto id = std::string(member.substr(0, 32));
    // A grant whose push never came.
    fleet.raw({"ZREM", "hf:q:{n}:n", std::string(member)});
    fleet.raw({"SET", "n", id, "PX", "3000"});
    fleet.until([&] { return waiter->done(); });
    ASSERT_TRUE(*waiter->got);
    EXPECT_GT((*waiter->got)->fence(), held.fence());
}

TEST_P(both_stores, h04_the_next_waiter_wakes_when_a_dead_holder_runs_out) {
    const auto held = fleet.take(*fleet.a, "n", milliseconds{300});
    auto waiter = fleet.queue(*fleet.b, "n", hours{1});  // its heartbeat is far away
    fleet.until([&] { return waiter->done(); });
    ASSERT_TRUE(*waiter->got);
    EXPECT_FALSE(held.valid(fleet.now()));
    EXPECT_LT(fleet.now(), held.valid_until() + seconds{3});
}

TEST_P(both_stores, h05_cancel_at_the_instant_of_a_grant) {
    int turns = 0;
    for (int i = 0; i < 300; ++i) {
        const auto held = fleet.take(*fleet.a, "n");
        auto cancelled = fleet.queue(*fleet.b, "n");
        auto next = fleet.queue(*fleet.a, "n");
        auto release = [&]() -> task<void> { (void)co_await fleet.a->locks.release(held); };
        boost::asio::co_spawn(fleet.world.context, release(), boost::asio::detached);
        for (int step = 0; step < i % 12; ++step) fleet.world.context.poll_one();
        cancelled->cancel.emit(boost::asio::cancellation_type::total);
        fleet.until([&] { return cancelled->done(); });
        if (*cancelled->got) fleet.give(*fleet.b, cancelled->got->value());
        fleet.until([&] { return next->done(); });
        ASSERT_TRUE(*next->got);
        ++turns;
        fleet.give(*fleet.a, next->got->value());
    }
    EXPECT_EQ(turns, 300);
    EXPECT_FALSE(fleet.look("n").held);
    EXPECT_EQ(fleet.look("n").queue_length, 0U);
}

/// One more process, whose connection does as it is told.
struct faulty_process {
    explicit faulty_process(lock_fleet& fleet) : st(fleet.open()), locks(fleet.world.runtime, st) {}
    faulty_store st;
    locker locks;
};
using fault = faulty_store::fault;

TEST_P(both_stores, h06_a_lost_reply_of_an_acquire_takes_the_lock_once) {
    faulty_process there(fleet);
    for (const auto how : {fault::lost_reply, fault::lost_request}) {
        there.st.next("lock/acquire", how);
        const auto got = fleet.run(there.locks.try_acquire(lock_name("n"), lease_ttl(seconds{30})));
        ASSERT_TRUE(got);
        EXPECT_EQ(fleet.text({"GET", "n"}), got->owner().str());
        EXPECT_EQ(fleet.look("n").fence, got->fence());
        EXPECT_TRUE(fleet.give(*fleet.a, *got));
    }
}

TEST_P(both_stores, h06_a_lost_reply_in_the_queue_keeps_one_place) {
    const auto held = fleet.take(*fleet.a, "n");
    faulty_process there(fleet);
    there.st.next("lock/acquire", fault::lost_reply);
    std::optional<result<lease>> got;
    auto wait = [&]() -> task<void> {
        got.emplace(co_await there.locks.acquire(lock_name("n"), lease_ttl(seconds{30})));
    };
    boost::asio::co_spawn(fleet.world.context, wait(), boost::asio::detached);
    fleet.until([&] { return there.st.calls_of("lock/acquire") == 2; });
    auto later = fleet.queue(*fleet.b, "n");
    EXPECT_EQ(fleet.look("n").queue_length, 2U);
    fleet.give(*fleet.a, held);
    fleet.until([&] { return got.has_value(); });
    ASSERT_TRUE(*got);
    EXPECT_FALSE(later->done());
}

TEST_P(both_stores, h06_a_lost_reply_of_a_release_means_released) {
    faulty_process there(fleet);
    for (const auto how : {fault::lost_reply, fault::lost_request}) {
        const auto got = fleet.run(there.locks.try_acquire(lock_name("n"), lease_ttl(seconds{30})));
        there.st.next("lock/release", how);
        EXPECT_TRUE(*fleet.run(there.locks.release(*got)));
        EXPECT_FALSE(fleet.look("n").held);
    }
}

TEST_P(both_stores, h07_a_plain_client_excludes_us_and_we_exclude_it) {
    EXPECT_EQ(fleet.text({"SET", "n", "plain", "NX", "PX", "60000"}), "OK");
    EXPECT_EQ(fleet.try_take(*fleet.a, "n"), errc::busy);
    auto waiter = fleet.queue(*fleet.a, "n");
    EXPECT_TRUE(fleet.look("n").foreign);
    fleet.raw({"DEL", "n"});  // no push: the head polls
    fleet.until([&] { return waiter->done(); });
    ASSERT_TRUE(*waiter->got);
    EXPECT_TRUE(fleet.raw({"SET", "n", "plain", "NX", "PX", "60000"}).is_nil());
}

TEST_P(both_stores, h07_a_plain_holder_without_an_end_is_left_alone) {
    fleet.raw({"SET", "n", "plain"});
    auto waiter = fleet.queue(*fleet.a, "n", milliseconds{200});
    fleet.sleep(milliseconds{300});
    EXPECT_EQ(fleet.text({"GET", "n"}), "plain");
    EXPECT_EQ(fleet.raw({"PTTL", "n"}).as_integer(), -1);
    fleet.raw({"DEL", "n"});
    fleet.until([&] { return waiter->done(); });
}

// The server's side of it is h09 in holes_redis_test.cpp.
TEST_P(both_stores, h09_a_release_in_a_moving_slot_gives_the_lock_up_with_one_key) {
    faulty_process there(fleet);
    const auto got = fleet.run(there.locks.try_acquire(lock_name("n"), lease_ttl(seconds{1})));
    auto waiter = fleet.queue(*fleet.b, "n", seconds{1});
    there.st.next("lock/release", fault::migrating);
    EXPECT_TRUE(*fleet.run(there.locks.release(*got)));
    EXPECT_EQ(there.st.calls_of("lock/drop"), 1U);
    fleet.until([&] { return waiter->done(); });
    ASSERT_TRUE(*waiter->got);
    EXPECT_GT((*waiter->got)->fence(), got->fence());
}

TEST_P(both_stores, h10_a_waiter_that_the_store_forgot_comes_back_with_its_old_place) {
    const auto held = fleet.take(*fleet.a, "n");
    auto first = fleet.queue(*fleet.b, "n", milliseconds{300});
    const auto place = fleet.raw({"ZRANGE", "hf:q:{n}:n", "0", "0", "WITHSCORES"});
    fleet.raw({"DEL", "hf:q:{n}:n"});
    fleet.until([&] { return fleet.look("n").queue_length == 1; });
    EXPECT_EQ(fleet.raw({"ZRANGE", "hf:q:{n}:n", "0", "0", "WITHSCORES"}), place);
    fleet.give(*fleet.a, held);
    fleet.until([&] { return first->done(); });
}

TEST_P(both_stores, h11_fences_rise_after_the_counter_was_rolled_back_or_lost) {
    const auto first = fleet.take(*fleet.a, "n");
    fleet.give(*fleet.a, first);
    fleet.raw({"SET", "hf:f:{n}:n", "17"});
    const auto second = fleet.take(*fleet.a, "n");
    EXPECT_GT(second.fence(), first.fence());
    fleet.raw({"FLUSHALL"});
    const auto third = fleet.take(*fleet.b, "n");
    EXPECT_GT(third.fence(), second.fence());
    EXPECT_GT(fleet.raw({"PTTL", "hf:f:{n}:n"}).as_integer(), 0);  // no key for ever
}

// No call of this room blocks its connection (WAIT, BLPOP): waiting is a push that comes later.
TEST_P(both_stores, h15_who_waits_does_not_hold_up_the_connection) {
    const auto held = fleet.take(*fleet.a, "n");
    auto waiter = fleet.queue(*fleet.b, "n");
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(fleet.give(*fleet.b, fleet.take(*fleet.b, "other")));
    EXPECT_FALSE(waiter->done());
    fleet.give(*fleet.a, held);
    fleet.until([&] { return waiter->done(); });
}

// That a server evicts at all is warned of when the store connects (store.evicts).
TEST_P(both_stores, h16_a_holder_whose_keys_were_evicted_is_told_and_its_fence_is_barred) {
    auto kept = fleet.a->locks.keep(fleet.take(*fleet.a, "n", milliseconds{300}));
    fleet.raw({"DEL", "n", "hf:f:{n}:n", "hf:m:{n}:n"});
    fleet.until([&] { return kept.lost().stop_requested(); });
    EXPECT_EQ(kept.reason(), lost_reason::erased);
    EXPECT_GT(fleet.take(*fleet.b, "n").fence(), kept.fence());
}

TEST_P(both_stores, h14_a_release_skips_hundreds_of_dead_waiters) {
    const auto held = fleet.take(*fleet.a, "n");
    for (int i = 1; i <= 300; ++i) fleet.raw({"ZADD", "hf:q:{n}:n", "1", dead_member(i)});
    auto alive = fleet.queue(*fleet.b, "n");
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    fleet.until([&] { return alive->done(); });
    EXPECT_TRUE(*alive->got);
}

TEST_P(both_stores, h14_a_lock_that_only_the_dead_wait_for_is_free) {
    for (int i = 1; i <= 100; ++i) fleet.raw({"ZADD", "hf:q:{n}:n", "1", dead_member(i)});
    EXPECT_EQ(fleet.try_take(*fleet.a, "n"), errc{});
}

TEST_P(both_stores, h19_nothing_extends_a_lease_that_was_given_back) {
    faulty_process there(fleet);
    auto take = there.locks.try_acquire(lock_name("n"), lease_ttl(milliseconds{600}));
    auto kept = there.locks.keep(fleet.run(std::move(take)).value());
    fleet.until([&] { return there.st.calls_of("lock/extend") > 0; });
    for (int i = 0; i < 2; ++i) there.st.next("lock/release", fault::lost_request);
    const auto extended = there.st.calls_of("lock/extend");
    EXPECT_TRUE(*fleet.run(kept.release()));
    EXPECT_EQ(there.st.calls_of("lock/release"), 3U);
    EXPECT_EQ(kept.reason(), lost_reason::released);
    const auto other = fleet.take(*fleet.b, "n", milliseconds{600});
    fleet.until([&] { return !fleet.look("n").held; });
    EXPECT_LE(fleet.now(), other.valid_until() + seconds{3});
    EXPECT_EQ(there.st.calls_of("lock/extend"), extended);
}

TEST_P(both_stores, h20_a_dead_holder_is_held_to_the_lease_it_asked_for) {
    const auto held = fleet.take(*fleet.a, "n", seconds{2});
    fleet.raw({"PEXPIRE", "n", "3600000"});  // what a clock set back by an hour does
    auto waiter = fleet.queue(*fleet.b, "n", seconds{2});
    EXPECT_LE(fleet.raw({"PTTL", "n"}).as_integer(), 2000);
    EXPECT_LE(fleet.look("n").ends_in, seconds{2});
}

TEST_P(both_stores, h22_a_queue_of_the_dead_expires) {
    const auto held = fleet.take(*fleet.a, "n");
    auto waiter = fleet.queue(*fleet.b, "n");
    const auto left = fleet.raw({"PTTL", "hf:q:{n}:n"}).as_integer();
    EXPECT_GT(left, 0);
    EXPECT_LE(left, 60000);
}

}  // namespace
}  // namespace holdfast::test
