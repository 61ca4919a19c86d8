// The keep-alive of quorum leases in virtual time: when it extends, and the instant of a loss.
#include "holdfast/quorum_locker.hpp"
#include "sim/network.hpp"
#include "sim/sim_store.hpp"
#include "sim/store_process.hpp"
#include "sim/world.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>

namespace holdfast::test {
namespace {

const lock_name name("n");
const lease_ttl ttl(milliseconds{6000});

struct event_counts final : journal {
    void record(const event& happened) override {
        ++of[happened.kind];
        detail = happened.detail;
    }
    std::map<event_kind, int> of;
    std::string detail;
};

/// One process, and three servers old enough to count.
class kept_quorum : public testing::Test {
protected:
    kept_quorum() {
        quorum_options options;
        options.longest_lease = ttl.span();
        locks.emplace(
            rt, std::vector<quorum_node>{{"a", &stores[0]}, {"b", &stores[1]}, {"c", &stores[2]}},
            events, options);
        (void)now(locks->try_acquire(name, ttl));  // tells the servers from when their data is
        world.run_for(2 * ttl.span());
    }
    ~kept_quorum() override { world.end(); }

    template <class T>
    T now(task<T> work) {
        auto got = std::make_shared<std::optional<T>>();
        auto keep = [](std::shared_ptr<std::optional<T>> into, task<T> what) -> task<void> {
            into->emplace(co_await std::move(what));
        };
        rt.spawn(keep(got, std::move(work)));
        EXPECT_TRUE(world.run_until([&] { return got->has_value(); }, seconds{5}));
        return std::move(got->value());
    }
    quorum_hold take(keep_options options = {}) {
        return locks->keep(now(locks->try_acquire(name, ttl)).value(), std::move(options));
    }
    void down(std::size_t server, nanoseconds span) {
        servers[server].restart(sim::store_process::data::kept, 0, span);
    }
    void erase(std::size_t server) { servers[server].flush_all(); }
    /// Whether somebody else gets it at once: then it is held nowhere, or by a minority.
    bool is_free() {
        const auto other = now(locks->try_acquire(name, ttl));
        return other && now(locks->release(*other)).value();
    }

    sim::world world;
    sim::network lines{world, world.draws().fork()};
    sim::node& rt{world.add_node()};
    std::array<sim::store_process, 3> servers{{{world, lines}, {world, lines}, {world, lines}}};
    std::array<sim::sim_store, 3> stores{
        {{rt, lines, servers[0]}, {rt, lines, servers[1]}, {rt, lines, servers[2]}}};
    event_counts events;
    std::optional<quorum_locker> locks;
};

TEST_F(kept_quorum, is_extended_at_a_third_of_the_ttl_for_as_long_as_it_is_wanted) {
    int told = 0;
    steady_time last{};
    keep_options options;
    options.on_extended = [&](steady_time until) {
        ++told;
        EXPECT_GT(until, last);
        last = until;
    };
    const auto held = take(options);
    for (int i = 0; i < 600; ++i) {
        world.run_for(seconds{1});
        ASSERT_TRUE(held.valid(world.now())) << name_of(held.reason());
    }
    EXPECT_EQ(held.valid_until(), last);
    EXPECT_GE(told, 299);
    EXPECT_LE(told, 300);
    EXPECT_EQ(events.of[event_kind::lease_extended], told);
}

TEST_F(kept_quorum, outlives_a_minority_and_a_majority_that_comes_back_in_time) {
    const auto held = take();
    down(1, hours{1});
    world.run_for(10 * ttl.span());
    EXPECT_TRUE(held.valid(world.now())) << name_of(held.reason());
    down(2, milliseconds{2500});
    world.run_for(10 * ttl.span());
    EXPECT_TRUE(held.valid(world.now())) << name_of(held.reason());
}

TEST_F(kept_quorum, is_lost_at_its_local_end_when_a_majority_stays_away) {
    for (const nanoseconds margin : {nanoseconds{0}, nanoseconds{seconds{1}}}) {
        const auto held = take({.stop_margin = margin});
        world.run_for(2 * ttl.span());
        down(1, minutes{1});
        down(2, minutes{1});
        world.run_for(seconds{2});  // what was under way is answered
        const auto end = held.valid_until();
        EXPECT_FALSE(held.lost().stop_requested());
        EXPECT_TRUE(world.run_until([&] { return held.lost().stop_requested(); }, ttl.span()));
        EXPECT_EQ(world.now(), end - margin);
        EXPECT_EQ(held.valid_until(), end);
        EXPECT_FALSE(held.valid(world.now()));
        EXPECT_EQ(held.reason(), lost_reason::expired_locally);
        EXPECT_EQ(events.detail, "expired_locally");
        world.run_for(minutes{2});
    }
}

TEST_F(kept_quorum, is_lost_with_the_next_extension_when_a_majority_has_forgotten_it) {
    const auto held = take();
    world.run_for(ttl.span());
    erase(0);
    world.run_for(ttl.span());
    EXPECT_TRUE(held.valid(world.now()));
    erase(1);
    EXPECT_TRUE(world.run_until([&] { return held.lost().stop_requested(); }, ttl.span() / 2));
    EXPECT_EQ(held.reason(), lost_reason::erased);
    EXPECT_LT(world.now(), held.valid_until());
    EXPECT_FALSE(held.valid(world.now()));
}

TEST_F(kept_quorum, dropped_it_is_given_back_and_nothing_extends_it_any_more) {
    {
        const auto held = take();
        world.run_for(ttl.span());
    }
    auto closed = [this]() -> task<bool> {
        co_await locks->close();
        co_return true;
    };
    EXPECT_TRUE(now(closed()));
    EXPECT_TRUE(is_free());
    const auto extensions = events.of[event_kind::lease_extended];
    world.run_for(10 * ttl.span());
    EXPECT_EQ(events.of[event_kind::lease_extended], extensions);
    EXPECT_EQ(events.of[event_kind::lease_lost], 0);
}

}  // namespace
}  // namespace holdfast::test
