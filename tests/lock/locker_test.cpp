// Taking, extending, giving back and breaking locks, over both stores.
#include "lock/lock_world.hpp"

namespace holdfast::test {
namespace {

TEST_P(both_stores, a_free_lock_is_taken_and_a_held_one_is_busy) {
    const auto held = fleet.take(*fleet.a, "n");
    EXPECT_EQ(fleet.text({"GET", "n"}), held.owner().str());
    EXPECT_EQ(fleet.try_take(*fleet.b, "n"), errc::busy);
    EXPECT_TRUE(held.valid(fleet.now()));
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    EXPECT_EQ(fleet.raw({"EXISTS", "n"}).as_integer(), 0);
    EXPECT_EQ(fleet.try_take(*fleet.b, "n"), errc{});
}

TEST_P(both_stores, a_lease_is_bounded_from_when_it_was_asked_for) {
    const auto before = fleet.now();
    const auto held = fleet.take(*fleet.a, "n", seconds{10});
    EXPECT_GE(held.valid_until(), before + milliseconds{9898});
    EXPECT_LE(held.valid_until(), fleet.now() + milliseconds{9898});
    const auto left = milliseconds{fleet.raw({"PTTL", "n"}).as_integer()};
    EXPECT_LT(held.valid_until(), fleet.now() + left);
}

TEST_P(both_stores, fences_rise_with_every_grant) {
    fencing_token last;
    for (int i = 0; i < 200; ++i) {
        auto& who = i % 2 == 0 ? *fleet.a : *fleet.b;
        const auto held = fleet.take(who, "n");
        ASSERT_GT(held.fence(), last);
        last = held.fence();
        fleet.give(who, held);
    }
}

TEST_P(both_stores, release_tells_whether_it_was_still_held) {
    const auto held = fleet.take(*fleet.a, "n");
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    EXPECT_FALSE(fleet.give(*fleet.a, held));
    const auto other = fleet.take(*fleet.b, "n");
    EXPECT_FALSE(fleet.give(*fleet.a, held));
    EXPECT_EQ(fleet.text({"GET", "n"}), other.owner().str());
}

TEST_P(both_stores, extend_lengthens_only_what_is_held) {
    const auto held = fleet.take(*fleet.a, "n", seconds{10});
    fleet.raw({"PEXPIRE", "n", "500"});
    const auto longer = fleet.run(fleet.a->locks.extend(held));
    ASSERT_TRUE(longer);
    EXPECT_GE(longer->valid_until(), held.valid_until());
    EXPECT_GT(fleet.raw({"PTTL", "n"}).as_integer(), 5000);
    fleet.give(*fleet.a, held);
    EXPECT_EQ(fleet.run(fleet.a->locks.extend(held)).error(), errc::lease_lost);
    const auto other = fleet.take(*fleet.b, "n");
    EXPECT_EQ(fleet.run(fleet.a->locks.extend(held)).error(), errc::lease_lost);
}

TEST_P(both_stores, a_waiter_is_handed_the_lock) {
    const auto held = fleet.take(*fleet.a, "n");
    auto waiter = fleet.queue(*fleet.b, "n", seconds{20});
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    fleet.until([&] { return waiter->done(); });
    ASSERT_TRUE(*waiter->got);
    EXPECT_GT((*waiter->got)->fence(), held.fence());
    EXPECT_EQ(fleet.text({"GET", "n"}), (*waiter->got)->owner().str());
    EXPECT_GT(fleet.raw({"PTTL", "n"}).as_integer(), 10000);  // claimed, not provisional
}

TEST_P(both_stores, waiters_are_served_in_their_order) {
    auto held = fleet.take(*fleet.a, "n");
    std::vector<std::unique_ptr<lock_fleet::pending>> waiters;
    for (int i = 0; i < 6; ++i)
        waiters.push_back(fleet.queue(i % 2 == 0 ? *fleet.b : *fleet.a, "n"));
    for (std::size_t i = 0; i < waiters.size(); ++i) {
        fleet.give(*fleet.a, held);
        fleet.until([&] { return waiters[i]->done(); });
        for (std::size_t later = i + 1; later < waiters.size(); ++later)
            EXPECT_FALSE(waiters[later]->done());
        held = waiters[i]->got->value();
    }
}

TEST_P(both_stores, a_wait_that_is_over_leaves_no_trace) {
    const auto held = fleet.take(*fleet.a, "n");
    auto waiter = fleet.start(*fleet.b, "n", seconds{30}, milliseconds{50});
    fleet.until([&] { return waiter->done(); });
    EXPECT_EQ(waiter->error(), errc::timed_out);
    fleet.until([&] { return fleet.look("n").queue_length == 0; });
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    EXPECT_FALSE(fleet.look("n").held);
}

TEST_P(both_stores, a_cancelled_wait_leaves_no_trace) {
    const auto held = fleet.take(*fleet.a, "n");
    auto waiter = fleet.queue(*fleet.b, "n");
    waiter->cancel.emit(boost::asio::cancellation_type::total);
    fleet.until([&] { return waiter->done(); });
    EXPECT_EQ(waiter->error(), errc::cancelled);
    fleet.until([&] { return fleet.look("n").queue_length == 0; });
    EXPECT_TRUE(fleet.give(*fleet.a, held));
    EXPECT_FALSE(fleet.look("n").held);
}

TEST_P(both_stores, close_ends_those_who_wait) {
    const auto held = fleet.take(*fleet.a, "n");
    auto waiter = fleet.queue(*fleet.b, "n");
    fleet.run(fleet.b->locks.close());
    EXPECT_EQ(waiter->error(), errc::shutting_down);
    EXPECT_EQ(fleet.look("n").queue_length, 0U);
    EXPECT_EQ(fleet.try_take(*fleet.b, "m"), errc::shutting_down);
}

TEST_P(both_stores, breaking_a_lock_bars_the_old_holder) {
    const auto held = fleet.take(*fleet.a, "n");
    const auto bar = fleet.run(fleet.b->locks.force_break(lock_name("n")));
    ASSERT_TRUE(bar);
    EXPECT_GT(*bar, held.fence());
    EXPECT_EQ(fleet.run(fleet.a->locks.extend(held)).error(), errc::lease_lost);
    EXPECT_FALSE(fleet.give(*fleet.a, held));
    EXPECT_GT(fleet.take(*fleet.b, "n").fence(), *bar);
    EXPECT_EQ(fleet.run(fleet.b->locks.force_break(lock_name("free"))).error(), errc::not_found);
}

TEST_P(both_stores, breaking_a_lock_serves_the_next_waiter) {
    const auto held = fleet.take(*fleet.a, "n");
    auto waiter = fleet.queue(*fleet.b, "n");
    const auto bar = fleet.run(fleet.b->locks.force_break(lock_name("n")));
    fleet.until([&] { return waiter->done(); });
    EXPECT_GT((*waiter->got)->fence(), *bar);
}

TEST_P(both_stores, inspection_shows_holder_and_queue) {
    EXPECT_FALSE(fleet.look("n").held);
    const auto held = fleet.take(*fleet.a, "n", seconds{10});
    auto waiter = fleet.queue(*fleet.b, "n", seconds{7});
    const auto seen = fleet.look("n");
    EXPECT_TRUE(seen.held);
    EXPECT_FALSE(seen.foreign);
    EXPECT_EQ(seen.owner, held.owner().str());
    EXPECT_EQ(seen.fence, held.fence());
    EXPECT_TRUE(seen.who.ends_with("/" + std::to_string(getpid()))) << seen.who;
    EXPECT_LE(seen.ends_in, seconds{10});
    EXPECT_LT(seen.held_for, seconds{60});
    EXPECT_EQ(seen.queue_length, 1U);
    ASSERT_EQ(seen.queue.size(), 1U);
    EXPECT_EQ(seen.queue[0].ttl, seconds{7});
    EXPECT_LT(seen.queue[0].waited, seconds{60});
}

TEST_P(both_stores, a_list_names_what_is_held_or_waited_for) {
    EXPECT_TRUE(fleet.run(fleet.a->locks.list())->empty());
    const auto first = fleet.take(*fleet.a, "b{x}");
    const auto second = fleet.take(*fleet.a, "a with spaces");
    fleet.give(*fleet.a, fleet.take(*fleet.a, "released"));
    fleet.raw({"SET", "foreign", "x"});
    auto waiter = fleet.queue(*fleet.b, "foreign");
    std::vector<std::string> names;
    for (const auto& lock : *fleet.run(fleet.a->locks.list())) names.push_back(lock.name);
    EXPECT_EQ(names, (std::vector<std::string>{"a with spaces", "b{x}", "foreign"}));
}

TEST_P(both_stores, keys_of_another_type_are_left_alone) {
    fleet.raw({"HSET", "h", "f", "v"});
    const lock_name name("h");
    EXPECT_EQ(fleet.try_take(*fleet.a, "h"), errc::wrong_type);
    auto waiting = fleet.a->locks.acquire(name, lease_ttl(seconds{5}), fleet.now() + seconds{5});
    EXPECT_EQ(fleet.run(std::move(waiting)).error(), errc::wrong_type);
    EXPECT_EQ(fleet.run(fleet.a->locks.force_break(name)).error(), errc::wrong_type);
    EXPECT_EQ(fleet.run(fleet.a->locks.inspect(name)).error(), errc::wrong_type);
    EXPECT_EQ(fleet.text({"HGET", "h", "f"}), "v");
    EXPECT_EQ(fleet.raw({"DBSIZE"}).as_integer(), 1);
}

TEST_P(both_stores, side_keys_are_not_locks) {
    const auto held = fleet.take(*fleet.a, "n");
    for (const auto* name : {"hf:q:{n}:n", "hf:f:{n}:n", "hf:m:{n}:n"})
        EXPECT_EQ(fleet.try_take(*fleet.a, name), errc::invalid_argument) << name;
}

TEST_P(both_stores, any_allowed_name_works_through_the_queue) {
    for (const std::string name : {"a", "with space", "b|ar", "{t}", "x{t}y", "%s*?[a]\\", "锁"}) {
        const auto held = fleet.take(*fleet.a, name);
        auto waiter = fleet.queue(*fleet.b, name);
        fleet.give(*fleet.a, held);
        fleet.until([&] { return waiter->done(); });
        ASSERT_TRUE(*waiter->got) << name;
        fleet.give(*fleet.b, waiter->got->value());
    }
}

TEST_P(both_stores, many_contenders_never_overlap_and_all_get_their_turn) {
    int inside = 0;
    int turns = 0;
    fencing_token last;
    std::vector<std::unique_ptr<process_view>> others;
    for (int i = 0; i < 4; ++i) others.push_back(fleet.join());
    auto contender = [&](process_view& who) -> task<void> {
        for (int i = 0; i < 25; ++i) {
            auto got = co_await who.locks.acquire(lock_name("n"), lease_ttl(seconds{30}));
            EXPECT_TRUE(got);
            EXPECT_EQ(++inside, 1);
            EXPECT_GT(got->fence(), last);
            last = got->fence();
            co_await fleet.world.runtime.sleep_until(fleet.now() + microseconds{100});
            --inside;
            EXPECT_TRUE(*co_await who.locks.release(*got));
            ++turns;
        }
    };
    for (int i = 0; i < 16; ++i)
        boost::asio::co_spawn(fleet.world.context, contender(*others[static_cast<size_t>(i) % 4]),
                              boost::asio::detached);
    fleet.until([&] { return turns == 16 * 25; });
    EXPECT_EQ(fleet.look("n").queue_length, 0U);
    EXPECT_FALSE(fleet.look("n").held);
}

}  // namespace
}  // namespace holdfast::test
