// What events become, and what a real lock makes of them.
#include "holdfast/lock_metrics.hpp"

#include "lock/clock_watch.hpp"
#include "lock/lock_world.hpp"
#include "sim/world/world.hpp"

namespace holdfast::test {
namespace {

bool has(const std::string& text, const std::string& line) {
    return text.find(line + "\n") != text.npos;
}

TEST(lock_metrics, waits_holds_and_losses_by_the_clock_it_was_given) {
    sim::world world;
    const auto& node = world.add_node();
    event_notes passed_on;
    lock_metrics counts(node, passed_on);
    counts.record({event_kind::lock_waiting, "n", "a", 3});
    world.run_for(milliseconds{20});
    counts.record({event_kind::lease_acquired, "n", "a", 7});
    world.run_for(milliseconds{600});
    counts.record({event_kind::lease_extended, "n", "a", 7, "400000"});
    counts.record({event_kind::lease_lost, "n", "a", 7, "taken_over"});
    counts.record({event_kind::lease_acquired, "n", "b", 8});
    counts.record({event_kind::lease_released, "n", "b", 8});
    counts.record({event_kind::lease_released, "n", "never seen", 9});

    const auto text = counts.exposition();
    EXPECT_TRUE(has(text, "holdfast_lock_wait_seconds_sum 0.02")) << text;
    EXPECT_TRUE(has(text, "holdfast_lock_wait_seconds_count 1"));
    EXPECT_TRUE(has(text, "holdfast_lock_hold_seconds_sum 0.6"));
    EXPECT_TRUE(has(text, "holdfast_lock_hold_seconds_count 2"));
    EXPECT_TRUE(has(text, "holdfast_lock_margin_seconds_sum 0.4"));
    EXPECT_TRUE(has(text, "holdfast_lock_acquired_total 2"));
    EXPECT_TRUE(has(text, "holdfast_lock_handovers_total 1"));
    EXPECT_TRUE(has(text, "holdfast_lock_brain_splits_total 1"));
    EXPECT_TRUE(has(text, "holdfast_lock_lost_total{reason=\"taken_over\"} 1"));
    EXPECT_TRUE(has(text, "holdfast_lock_lost_total{reason=\"broken\"} 0"));
    EXPECT_EQ(passed_on.notes.size(), 7U);
}

TEST(clock_watch, finds_steps_and_not_slow_answers) {
    clock_watch watch;
    steady_time now{seconds{1000}};
    microseconds store = hours{24};
    const auto look = [&](milliseconds trip, std::uint64_t epoch = 1) {
        return watch.look(store + trip / 2, now, now + trip, epoch);
    };
    const auto pass = [&](milliseconds span) {
        now += span;
        store += span;
    };
    EXPECT_FALSE(look(milliseconds{1}));
    pass(seconds{10});
    EXPECT_FALSE(look(seconds{30}));  // an answer that took long proves nothing
    pass(seconds{10});
    EXPECT_FALSE(look(milliseconds{1}));
    store += seconds{20};
    const auto forward = look(milliseconds{2});
    ASSERT_TRUE(forward);
    EXPECT_NEAR(static_cast<double>(forward->count()), 20e6, 1e4);
    pass(seconds{1});
    EXPECT_FALSE(look(milliseconds{1}));
    store -= hours{1};
    const auto back = look(milliseconds{1});
    ASSERT_TRUE(back);
    EXPECT_LT(*back, -minutes{59});
    store += hours{5};
    EXPECT_FALSE(look(milliseconds{1}, 2));  // another server, for all we know
    pass(seconds{100});
    store += milliseconds{900};
    EXPECT_FALSE(look(milliseconds{1}, 2));  // 0.9 % of drift
}

TEST(clock_watch, looks_twice_a_second_at_most) {
    clock_watch watch;
    const steady_time now{seconds{1000}};
    EXPECT_TRUE(watch.due(now));
    EXPECT_FALSE(watch.due(now + clock_watch::pause - nanoseconds{1}));
    EXPECT_TRUE(watch.due(now + clock_watch::pause));
}

TEST_P(both_stores, metrics_of_a_locker_follow_its_locks) {
    lock_metrics counts(fleet.world.runtime);
    locker locks(fleet.world.runtime, *fleet.b->st, counts);
    const auto first = fleet.take(*fleet.a, "n");
    auto waiting = [&]() -> task<result<lease>> {
        return locks.acquire(lock_name("n"), lease_ttl(milliseconds{300}));
    };
    std::optional<result<lease>> got;
    boost::asio::co_spawn(fleet.world.context, waiting(),
                          [&](std::exception_ptr, result<lease> v) { got = std::move(v); });
    fleet.until([&] { return fleet.look("n").queue_length == 1; });
    fleet.give(*fleet.a, first);
    fleet.until([&] { return got.has_value(); });
    auto held = locks.keep(std::move(got->value()));
    fleet.until([&] { return has(counts.exposition(), "holdfast_lock_margin_seconds_count 1"); });
    fleet.run(fleet.a->locks.force_break(lock_name("n"))).value();
    fleet.until([&] { return held.reason() == lost_reason::broken; });
    const auto text = counts.exposition();
    EXPECT_TRUE(has(text, "holdfast_lock_handovers_total 1")) << text;
    EXPECT_TRUE(has(text, "holdfast_lock_wait_seconds_count 1"));
    EXPECT_TRUE(has(text, "holdfast_lock_hold_seconds_count 1"));
    EXPECT_TRUE(has(text, "holdfast_lock_lost_total{reason=\"broken\"} 1"));
    fleet.run(locks.close());
}

TEST_P(both_stores, a_history_is_kept_by_those_who_ask_for_it) {
    locker noting(fleet.world.runtime, *fleet.b->st, null_journal(),
                  {.who = "host/1", .build = "x-1", .history = true});
    const auto name = lock_name("n");
    fleet.give(*fleet.a, fleet.take(*fleet.a, "n"));
    const auto first = fleet.run(noting.try_acquire(name, lease_ttl(seconds{30}))).value();
    fleet.run(noting.release(first)).value();
    const auto second = fleet.run(noting.try_acquire(name, lease_ttl(seconds{30}))).value();
    fleet.run(noting.close());
    const auto seen = fleet.run(fleet.a->locks.history(name)).value();
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].fence, second.fence());
    EXPECT_EQ(seen[0].how, "");
    EXPECT_FALSE(seen[0].held_for);
    EXPECT_EQ(seen[1].fence, first.fence());
    EXPECT_EQ(seen[1].owner, first.owner().str());
    EXPECT_EQ(seen[1].who, "host/1/x-1");
    EXPECT_EQ(seen[1].how, "released");
    EXPECT_TRUE(seen[1].held_for);
    EXPECT_GT(fleet.raw({"PTTL", "hf:h:{n}:n"}).as_integer(), 0);
}

TEST_P(both_stores, a_history_is_bounded) {
    locker noting(fleet.world.runtime, *fleet.b->st, null_journal(), {.history = true});
    for (int i = 0; i < 40; ++i) {
        const auto held =
            fleet.run(noting.try_acquire(lock_name("n"), lease_ttl(seconds{30}))).value();
        fleet.run(noting.release(held)).value();
    }
    fleet.run(noting.close());
    EXPECT_EQ(fleet.run(fleet.a->locks.history(lock_name("n"))).value().size(), 32U);
}

}  // namespace
}  // namespace holdfast::test
