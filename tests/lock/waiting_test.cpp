// What a waiter knows and may ask for: position, estimate, time limit, priority, barging.
#include "lock/calls.hpp"
#include "lock/faulty_store.hpp"
#include "lock/lock_world.hpp"
#include "lock/started.hpp"

#include <deque>

namespace holdfast::test {
namespace {

class waiting : public both_stores {
protected:
    using pending = std::unique_ptr<lock_fleet::pending>;

    pending queue(process_view& who, acquire_options options, milliseconds ttl = seconds{30}) {
        const auto before = fleet.look("n").queue_length;
        auto made = std::make_unique<lock_fleet::pending>();
        auto wait = [](process_view& at, lock_fleet::pending& into, acquire_options how,
                       milliseconds span) -> task<void> {
            into.got.emplace(co_await at.locks.acquire(lock_name("n"), lease_ttl(span), how));
        };
        boost::asio::co_spawn(fleet.world.context, wait(who, *made, std::move(options), ttl),
                              boost::asio::detached);
        fleet.until([&] { return fleet.look("n").queue_length == before + 1; });
        return made;
    }
    static acquire_options head_start(milliseconds span) {
        acquire_options options;
        options.head_start = span;
        return options;
    }
    lease turn(pending& waiter) {
        fleet.until([&] { return waiter->done(); });
        return waiter->got->value();
    }
    std::string first_in_queue() {
        return std::string(fleet.raw({"ZRANGE", "hf:q:{n}:n", "0", "0"})[0].as_text());
    }
};

TEST_P(waiting, a_waiter_sees_its_place_and_an_estimate_from_the_turns_before) {
    auto held = fleet.take(*fleet.a, "n");
    auto first = fleet.queue(*fleet.b, "n");
    auto second = fleet.queue(*fleet.b, "n");
    std::vector<wait_status> seen;
    acquire_options options;
    options.on_wait = [&](const wait_status& status) { seen.push_back(status); };
    auto third = queue(*fleet.a, options, milliseconds{90});
    fleet.until([&] { return !seen.empty(); });
    EXPECT_EQ(seen.front().ahead, 2U);
    EXPECT_FALSE(seen.front().estimate);
    EXPECT_FALSE(seen.front().foreign);
    fleet.sleep(milliseconds{40});
    fleet.give(*fleet.a, held);
    held = turn(first);
    fleet.until([&] { return seen.back().ahead == 1 && seen.back().estimate; });
    // One turn of 40 ms and more has been seen; the present one and one more are to come.
    EXPECT_GE(*seen.back().estimate, milliseconds{40});
    EXPECT_LE(*seen.back().estimate, seconds{60});
    EXPECT_GE(*fleet.look("n").mean_hold, milliseconds{40});
    EXPECT_TRUE(fleet.a->events.has("lock.waiting n"));
    fleet.give(*fleet.b, held);
    fleet.give(*fleet.b, turn(second));
    fleet.give(*fleet.a, turn(third));
}

TEST_P(waiting, a_waiter_whose_time_is_over_is_passed_over) {
    const auto held = fleet.take(*fleet.a, "n");
    acquire_options brief;
    brief.give_up_at = fleet.now() + milliseconds{50};
    auto frozen = queue(*fleet.b, brief);
    const auto member = first_in_queue();
    fleet.until([&] { return frozen->done(); });
    EXPECT_EQ(frozen->error(), errc::timed_out);
    fleet.until([&] { return fleet.look("n").queue_length == 0; });
    // The same member again, as if its process had been frozen before it could leave: it listens.
    fleet.raw({"ZADD", "hf:q:{n}:n", "1000000", member});
    auto next = fleet.queue(*fleet.b, "n");
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    EXPECT_NE(fleet.text({"GET", "n"}), member.substr(0, 32));
    (void)turn(next);
}

TEST_P(waiting, nobody_is_passed_over_before_its_own_limit) {
    const auto held = fleet.take(*fleet.a, "n");
    acquire_options options;
    options.give_up_at = fleet.now() + seconds{10};
    auto waiter = queue(*fleet.b, options);
    ASSERT_TRUE(fleet.look("n").queue[0].gives_up_in);
    EXPECT_GT(*fleet.look("n").queue[0].gives_up_in, seconds{1});
    fleet.give(*fleet.a, held);
    EXPECT_TRUE(turn(waiter).valid(fleet.now()));
}

TEST_P(waiting, a_head_start_overtakes_only_those_who_came_shortly_before) {
    auto held = fleet.take(*fleet.a, "n");
    auto plain = queue(*fleet.a, {});
    fleet.sleep(milliseconds{60});
    auto little = queue(*fleet.b, head_start(milliseconds{20}));
    auto much = queue(*fleet.b, head_start(seconds{10}));
    EXPECT_EQ(fleet.look("n").queue[0].head_start, seconds{10});
    EXPECT_LT(fleet.look("n").queue[0].waited, seconds{5});
    fleet.give(*fleet.a, held);
    held = turn(much);
    EXPECT_FALSE(plain->done());
    fleet.give(*fleet.b, held);
    held = turn(plain);
    EXPECT_FALSE(little->done());
    fleet.give(*fleet.a, held);
    (void)turn(little);
}

TEST_P(waiting, a_head_start_does_not_starve_who_has_waited_longer) {
    auto held = fleet.take(*fleet.a, "n");
    auto plain = queue(*fleet.a, {});
    int overtaken = 0;
    std::deque<pending> hurried;
    hurried.push_back(queue(*fleet.b, head_start(milliseconds{100})));
    while (!plain->done()) {
        fleet.sleep(milliseconds{10});
        hurried.push_back(queue(*fleet.b, head_start(milliseconds{100})));
        fleet.give(*fleet.b, held);
        fleet.until([&] { return hurried.front()->done() || plain->done(); });
        if (plain->done()) break;
        held = hurried.front()->got->value();
        hurried.pop_front();
        ++overtaken;
    }
    EXPECT_GT(overtaken, 0);
    EXPECT_LE(overtaken, 12);
}

TEST_P(waiting, options_out_of_bounds_are_refused) {
    acquire_options negative, long_start, long_rest;
    negative.head_start = milliseconds{-1};
    long_start.head_start = hours{2};
    long_rest.terms.cool_down = hours{25};
    for (const auto& bad : {negative, long_start, long_rest}) {
        auto refused = fleet.a->locks.acquire(lock_name("n"), lease_ttl(seconds{1}), bad);
        EXPECT_EQ(fleet.run(std::move(refused)).error(), errc::invalid_argument);
    }
}

TEST_P(waiting, h18_barging_takes_the_lock_ahead_of_a_waiter_but_only_for_a_while) {
    acquire_options barging;
    barging.terms = {milliseconds{0}, milliseconds{300}};
    auto take = fleet.a->locks.try_acquire(lock_name("n"), lease_ttl(seconds{30}), barging);
    auto held = fleet.run(std::move(take)).value();
    auto waiter = fleet.queue(*fleet.b, "n");
    int barged = 0;
    while (!waiter->done()) {
        fleet.give(*fleet.a, held);
        auto again = fleet.a->locks.try_acquire(lock_name("n"), lease_ttl(seconds{30}), barging);
        const auto got = fleet.run(std::move(again));
        if (!got) {
            EXPECT_EQ(got.error(), errc::busy);
            fleet.until([&] { return waiter->done(); });
            break;
        }
        ++barged;
        EXPECT_GT(got->fence(), held.fence());
        held = *got;
        fleet.sleep(milliseconds{5});
    }
    EXPECT_GT(barged, 0);
    EXPECT_GT((*waiter->got)->fence(), held.fence());
}

// Nobody released it: the holder vanished.
TEST_P(waiting, a_lock_that_is_found_free_is_taken_ahead_only_of_who_has_not_waited_so_long) {
    acquire_options barging;
    barging.terms.barging = seconds{20};
    const auto try_it = [&] {
        auto trying = fleet.a->locks.try_acquire(lock_name("n"), lease_ttl(seconds{30}), barging);
        return fleet.run(std::move(trying));
    };
    const auto held = fleet.take(*fleet.a, "n");
    auto waiter = fleet.queue(*fleet.b, "n");
    fleet.raw({"DEL", "n"});
    const auto taken = try_it();
    EXPECT_TRUE(taken);
    EXPECT_FALSE(waiter->done());
    fleet.sleep(milliseconds{60});
    barging.terms.barging = milliseconds{50};
    fleet.raw({"DEL", "n"});
    EXPECT_FALSE(try_it());
    (void)turn(waiter);
}

TEST_P(waiting, without_barging_a_release_never_passes_the_waiter_over) {
    const auto held = fleet.take(*fleet.a, "n");
    auto waiter = fleet.queue(*fleet.b, "n");
    fleet.give(*fleet.a, held);
    EXPECT_EQ(fleet.try_take(*fleet.a, "n"), errc::busy);
    (void)turn(waiter);
}

// The push came over the connection before, so nobody is known to have raised the fence counter in
// the data that is reached now: it may have forgotten what was issued after that grant.
TEST_P(waiting, a_grant_heard_of_over_the_last_connection_is_no_trust_in_this_one) {
    auto* faulty = new faulty_store(fleet.open());
    const std::unique_ptr<store> owned(faulty);
    locker there(fleet.world.runtime, *owned);
    const auto reconnect =
        owned->pushes().listen("lock", [&](std::string_view) { faulty->face_other_data(); });
    const auto held = fleet.take(*fleet.a, "n");
    auto mine = start(fleet, there.acquire(lock_name("n"), lease_ttl(seconds{30})));
    fleet.until([&] { return fleet.look("n").queue_length == 1; });
    fleet.give(*fleet.a, held);
    fleet.until([&] { return mine->done(); });
    EXPECT_EQ(faulty->calls_of("lock/extend"), 1U);  // by a claim, not by asking again
    const auto forgotten = fencing_token(mine->value().fence().value() + 5);
    auto next = fleet.queue(*fleet.a, "n");  // which raises nothing
    EXPECT_TRUE(*fleet.run(there.release(mine->value())));
    EXPECT_GT(turn(next).fence(), forgotten);
}

// An attempt hands on a grant whose fence is no proof of age, and asks again as the same owner.
TEST_P(waiting, a_late_copy_of_a_refusal_takes_nothing_that_was_granted_since) {
    const auto now = fleet.take(*fleet.a, "n");
    auto& core = *fleet.a->locks.core();
    const fencing_token before(now.fence().value() - 1);
    EXPECT_FALSE(*fleet.run(call_refuse(core, now.name(), now.owner(), before)));
    EXPECT_EQ(fleet.look("n").owner, now.owner().str());
    EXPECT_TRUE(*fleet.run(call_refuse(core, now.name(), now.owner(), now.fence())));
    EXPECT_EQ(fleet.look("n").owner, "");
}

INSTANTIATE_TEST_SUITE_P(memory, waiting, testing::Values(&in_memory));
INSTANTIATE_TEST_SUITE_P(redis, waiting, testing::Values(&in_redis));

}  // namespace
}  // namespace holdfast::test
