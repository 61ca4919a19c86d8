// Agents that wait for each other, and agents that nest locks in opposite orders.
#include "holdfast/multi_lock.hpp"
#include "holdfast/rw_lock.hpp"
#include "holdfast/semaphore.hpp"
#include "lock/started.hpp"
#include "sim/world/world.hpp"
#include "store/embedded/embedded_store.hpp"

#include <algorithm>

namespace holdfast::test {
namespace {

acquire_options as(const std::string& agent) {
    acquire_options options;
    options.agent = agent;
    return options;
}

TEST_P(both_stores, agents_of_two_processes_that_wait_for_each_other_are_found) {
    const auto take = [&](process_view& who, const char* name, const char* agent) {
        auto got = who.locks.try_acquire(lock_name(name), lease_ttl(seconds{30}), as(agent));
        return fleet.run(std::move(got)).value();
    };
    const auto x = take(*fleet.a, "x", "one");
    const auto y = take(*fleet.b, "y", "two");
    EXPECT_TRUE(fleet.look("x").who.ends_with("#one"));
    EXPECT_TRUE(fleet.run(fleet.a->locks.find_deadlocks())->empty());
    std::vector<std::unique_ptr<std::optional<result<lease>>>> waits;
    const auto wait = [&](process_view& who, const char* name, const char* agent) {
        waits.push_back(std::make_unique<std::optional<result<lease>>>());
        auto go = [](process_view& at, std::optional<result<lease>>& into, lock_name what,
                     acquire_options how) -> task<void> {
            into.emplace(co_await at.locks.acquire(what, lease_ttl(seconds{30}), how));
        };
        boost::asio::co_spawn(fleet.world.context,
                              go(who, *waits.back(), lock_name(name), as(agent)),
                              boost::asio::detached);
        fleet.until([&] { return fleet.look(name).queue_length == 1; });
    };
    wait(*fleet.a, "y", "one");
    EXPECT_TRUE(fleet.run(fleet.a->locks.find_deadlocks())->empty());
    wait(*fleet.b, "x", "two");
    const auto found = fleet.run(fleet.b->locks.find_deadlocks()).value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].text().find("#one waits for y, held by "), std::string::npos);
    EXPECT_NE(found[0].text().find("#two waits for x, held by "), std::string::npos);
    fleet.run(fleet.b->locks.force_break(lock_name("x"))).value();
    fleet.until([&] { return waits[1]->has_value(); });
    EXPECT_TRUE(fleet.run(fleet.a->locks.find_deadlocks())->empty());
    fleet.give(*fleet.b, y);
    fleet.until([&] { return waits[0]->has_value(); });
}

// The writer waits for the reader, which waits for permits that the writer has.
TEST_P(both_stores, agents_that_wait_for_shares_and_permits_of_each_other_are_found) {
    async_rw_lock page(fleet.a->locks, lock_name("page"), lease_ttl(seconds{30}));
    async_semaphore slots(fleet.b->locks, lock_name("slots"), lease_ttl(seconds{30}), permits(2));
    auto traced = as("reader");
    traced.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const auto reading = fleet.run(page.acquire(rw_mode::read, traced)).value();
    EXPECT_EQ(fleet.run(page.inspect())->holders.at(0).trace, traced.trace);
    const auto both = fleet.run(slots.try_acquire(permits(2), as("writer"))).value();
    std::optional<result<lease>> wrote, got;
    const auto wait = [&](task<result<lease>> what, std::optional<result<lease>>& into) {
        auto go = [](task<result<lease>> waiting, std::optional<result<lease>>& to) -> task<void> {
            to.emplace(co_await std::move(waiting));
        };
        boost::asio::co_spawn(fleet.world.context, go(std::move(what), into),
                              boost::asio::detached);
    };
    wait(page.acquire(rw_mode::write, as("writer")), wrote);
    fleet.until([&] { return fleet.run(page.inspect())->queue_length == 1; });
    EXPECT_TRUE(fleet.run(fleet.a->locks.find_deadlocks())->empty());
    wait(slots.acquire(permits(1), as("reader")), got);
    fleet.until([&] { return fleet.run(slots.inspect())->queue_length == 1; });
    const auto text = fleet.run(fleet.a->locks.find_deadlocks()).value().at(0).text();
    EXPECT_NE(text.find("#reader waits for slots, held by "), std::string::npos) << text;
    EXPECT_NE(text.find("#writer waits for page, held by "), std::string::npos) << text;
    fleet.give(*fleet.b, both);
    fleet.until([&] { return got && *got; });
    fleet.give(*fleet.a, reading);
    fleet.until([&] { return wrote && *wrote; });
}

// The intent holder waits for the reader, which waits for a mutex of the intent holder.
TEST_P(both_stores, agents_of_which_one_upgrades_are_found) {
    async_rw_lock page(fleet.a->locks, lock_name("page"), lease_ttl(seconds{30}));
    const auto intent = fleet.run(page.acquire(rw_mode::intent, as("editor"))).value();
    const auto reading = fleet.run(page.acquire(rw_mode::read, as("reader"))).value();
    const lock_name house("house");
    auto taken = fleet.a->locks.try_acquire(house, lease_ttl(seconds{30}), as("editor"));
    const auto mutex = fleet.run(std::move(taken)).value();
    auto wrote = start<lease>(fleet, page.upgrade(intent));
    const auto upgrades = [&] {
        const auto seen = fleet.run(page.inspect()).value();
        return std::ranges::any_of(seen.holders, [](const auto& one) { return one.mode == 'U'; });
    };
    fleet.until(upgrades);
    EXPECT_TRUE(fleet.run(fleet.a->locks.find_deadlocks())->empty());
    auto waiting = fleet.b->locks.acquire(house, lease_ttl(seconds{30}), as("another"));
    auto entered = start<lease>(fleet, std::move(waiting));
    fleet.until([&] { return fleet.look("house").queue_length == 1; });
    EXPECT_TRUE(fleet.run(fleet.a->locks.find_deadlocks())->empty());
    entered->cancel.emit(boost::asio::cancellation_type::total);
    fleet.until([&] { return entered->done(); });

    auto again = fleet.a->locks.acquire(house, lease_ttl(seconds{30}), as("reader"));
    auto stuck = start<lease>(fleet, std::move(again));
    fleet.until([&] { return fleet.look("house").queue_length == 1; });
    const auto text = fleet.run(fleet.a->locks.find_deadlocks()).value().at(0).text();
    EXPECT_NE(text.find("#editor waits for page, held by "), std::string::npos) << text;
    EXPECT_NE(text.find("#reader waits for house, held by "), std::string::npos) << text;
    fleet.give(*fleet.a, mutex);
    fleet.until([&] { return stuck->done(); });
    EXPECT_TRUE(fleet.run(fleet.a->locks.find_deadlocks())->empty());
    fleet.give(*fleet.a, reading);
    fleet.until([&] { return wrote->done(); });
    EXPECT_FALSE(upgrades());
}

TEST_P(both_stores, a_head_start_and_terms_are_for_mutexes_alone) {
    async_rw_lock page(fleet.a->locks, lock_name("page"), lease_ttl(seconds{30}));
    async_semaphore slots(fleet.a->locks, lock_name("slots"), lease_ttl(seconds{30}), permits(2));
    async_multi_lock pair(fleet.a->locks, lock_names({lock_name("p"), lock_name("q")}),
                          lease_ttl(seconds{30}));
    std::vector<acquire_options> refused(3);
    refused[0].head_start = milliseconds{1};
    refused[1].terms.cool_down = milliseconds{1};
    refused[2].terms.barging = milliseconds{1};
    for (const auto& options : refused) {
        EXPECT_EQ(fleet.run(page.acquire(rw_mode::read, options)).error(), errc::invalid_argument);
        EXPECT_EQ(fleet.run(page.try_acquire(rw_mode::read, options)).error(),
                  errc::invalid_argument);
        EXPECT_EQ(fleet.run(slots.acquire(permits(1), options)).error(), errc::invalid_argument);
        EXPECT_EQ(fleet.run(slots.try_acquire(permits(1), options)).error(),
                  errc::invalid_argument);
        EXPECT_EQ(fleet.run(pair.acquire(options)).error(), errc::invalid_argument);
        EXPECT_EQ(fleet.run(pair.try_acquire(options)).error(), errc::invalid_argument);
    }
}

TEST_P(both_stores, opposite_orders_are_warned_of) {
    event_notes events;
    const auto own = fleet.open();
    locker_options options;
    options.warn_lock_order = true;
    locker locks(fleet.world.runtime, *own, events, options);
    const auto nest = [&](const char* agent, const char* outer, const char* inner) {
        auto first = locks.try_acquire(lock_name(outer), lease_ttl(seconds{30}), as(agent));
        const auto held = fleet.run(std::move(first)).value();
        auto second = locks.try_acquire(lock_name(inner), lease_ttl(seconds{30}), as(agent));
        auto kept = locks.keep(fleet.run(std::move(second)).value());
        EXPECT_TRUE(*fleet.run(kept.release()));
        EXPECT_TRUE(*fleet.run(locks.release(held)));
    };
    nest("one", "x", "y");
    EXPECT_FALSE(events.has("lock.order x y"));
    nest("two", "y", "x");
    EXPECT_TRUE(events.has("lock.order x y"));
}

/// The embedded store's clock is the wall clock of the node that asks.
TEST(holes_of_a_clock, h20_a_step_is_told_and_leases_are_extended_at_once) {
    struct noting final : journal {
        void record(const event& e) override {
            if (e.kind == event_kind::clock_step) steps.emplace_back(e.detail);
            if (e.kind == event_kind::lease_extended) ++extended;
            if (e.kind == event_kind::lease_lost) ++lost;
        }
        std::vector<std::string> steps;
        int extended = 0;
        int lost = 0;
    } events;
    sim::world world;
    auto& node = world.add_node();
    embedded_store st(node, std::make_shared<embedded::embedded_engine>(), "hf:");
    locker locks(node, st, events);
    std::vector<scoped_lease> kept;
    auto hold = [&]() -> task<void> {
        auto got = co_await locks.try_acquire(lock_name("n"), lease_ttl(minutes{30}));
        kept.push_back(locks.keep(std::move(*got)));
        (void)co_await locks.acquire(lock_name("n"), lease_ttl(seconds{3}));
    };
    node.spawn(hold());
    world.run_for(seconds{5});
    EXPECT_TRUE(events.steps.empty());
    EXPECT_EQ(events.extended, 0);
    node.step_wall_clock(-hours{1});
    world.run_for(seconds{2});
    EXPECT_EQ(events.steps, std::vector<std::string>{"back"});
    EXPECT_EQ(events.extended, 1);
    node.step_wall_clock(minutes{20});
    world.run_for(seconds{2});
    EXPECT_EQ(events.steps.size(), 2U);
    EXPECT_EQ(events.steps.back(), "forward");
    EXPECT_EQ(events.extended, 2);
    EXPECT_EQ(events.lost, 0);
}

}  // namespace
}  // namespace holdfast::test
