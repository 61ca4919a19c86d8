// The keep-alive of quorum leases in virtual time: when it extends, and the instant of a loss.
#include "holdfast/quorum_locker.hpp"
#include "lock/started.hpp"
#include "sim/world/network.hpp"
#include "sim/world/sim_store.hpp"
#include "sim/world/store_process.hpp"
#include "sim/world/world.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
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
        const std::vector<quorum_node> nodes{
            {"a", &stores[0]}, {"b", &stores[1]}, {"c", &stores[2]}};
        locks.emplace(rt, nodes, events, options);
        others.emplace(rt, nodes, null_journal(), options);
        (void)now(locks->try_acquire(name, ttl));  // tells the servers from when their data is
        (void)now(others->try_acquire(name, ttl));
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
        const auto other = now(others->try_acquire(name, ttl));
        return other && now(others->release(*other)).value();
    }
    void close() {
        auto closed = [this]() -> task<bool> {
            co_await locks->close();
            co_return true;
        };
        EXPECT_TRUE(now(closed()));
    }

    sim::world world;
    sim::network lines{world, world.draws().fork()};
    sim::node& rt{world.add_node()};
    std::array<sim::store_process, 3> servers{{{world, lines}, {world, lines}, {world, lines}}};
    std::array<sim::sim_store, 3> stores{
        {{rt, lines, servers[0]}, {rt, lines, servers[1]}, {rt, lines, servers[2]}}};
    event_counts events;
    std::optional<quorum_locker> locks;
    std::optional<quorum_locker> others;  // of another process, as far as the servers can tell
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
    close();
    EXPECT_TRUE(is_free());
    const auto extensions = events.of[event_kind::lease_extended];
    world.run_for(10 * ttl.span());
    EXPECT_EQ(events.of[event_kind::lease_extended], extensions);
    EXPECT_EQ(events.of[event_kind::lease_lost], 0);
}

// At every instant of its three rounds.
TEST_F(kept_quorum, an_attempt_that_is_cancelled_leaves_nothing_held) {
    int in_time = 0;
    for (nanoseconds at{0}; at < milliseconds{8}; at += microseconds{100}) {
        const bool waits = at.count() % 200'000 == 0;
        const auto tried =
            start(rt.executor(), waits ? locks->acquire(name, ttl) : locks->try_acquire(name, ttl));
        world.run_for(at);
        tried->cancel.emit(boost::asio::cancellation_type::total);
        ASSERT_TRUE(world.run_until([&] { return tried->got.has_value(); }, seconds{1}));
        if (*tried->got) {
            EXPECT_TRUE(now(locks->release(**tried->got)).value());
        } else {
            EXPECT_EQ(tried->error(), errc::cancelled);
            ++in_time;
        }
        world.run_for(milliseconds{50});
        EXPECT_TRUE(is_free()) << at.count();
    }
    EXPECT_GT(in_time, 2);
    EXPECT_LT(in_time, 80);
}

TEST_F(kept_quorum, a_release_that_is_cancelled_goes_on_in_the_background) {
    for (nanoseconds at{0}; at < milliseconds{3}; at += microseconds{100}) {
        auto held = take();
        const auto left = start(rt.executor(), held.release());
        world.run_for(at);
        left->cancel.emit(boost::asio::cancellation_type::partial);
        ASSERT_TRUE(world.run_until([&] { return left->got.has_value(); }, seconds{1}));
        EXPECT_TRUE(*left->got || left->error() == errc::cancelled);
        world.run_for(milliseconds{50});
        EXPECT_TRUE(is_free()) << at.count();
    }
}

TEST_F(kept_quorum, close_ends_those_who_wait_and_leaves_what_is_held) {
    const auto held = take();
    const auto waits = start(rt.executor(), locks->acquire(name, ttl));
    world.run_for(seconds{1});
    EXPECT_FALSE(waits->got);
    close();
    EXPECT_EQ(waits->error(), errc::shutting_down);
    EXPECT_EQ(now(locks->try_acquire(name, ttl)).error(), errc::shutting_down);
    world.run_for(5 * ttl.span());
    EXPECT_TRUE(held.valid(world.now())) << name_of(held.reason());
    EXPECT_FALSE(is_free());
}

// No why, and a lease that holds nothing, as every other operation for completion tokens.
TEST_F(kept_quorum, completion_tokens_are_told_what_coroutines_are) {
    lease held;
    error_code code = errc::internal;
    const auto note = [&](error_code ec, lease got) {
        code = ec;
        held = std::move(got);
    };
    const auto told = [&] {
        EXPECT_TRUE(world.run_until([&] { return code != errc::internal; }, seconds{5}));
        return std::exchange(code, errc::internal);
    };
    locks->async_try_acquire(name, ttl, note);
    EXPECT_EQ(told(), error_code());
    locks->async_extend(held, note);
    EXPECT_EQ(told(), error_code());
    EXPECT_TRUE(held.valid(world.now()));
    const auto kept = std::exchange(held, lease());
    locks->async_acquire(name, ttl, world.now() + milliseconds{300}, note);
    EXPECT_EQ(told(), errc::timed_out);
    EXPECT_FALSE(held.holds_something());
    bool was_ours = false;
    const auto note_end = [&](error_code ec, bool ours) {
        code = ec;
        was_ours = ours;
    };
    locks->async_release(kept, note_end);
    EXPECT_EQ(told(), error_code());
    EXPECT_TRUE(was_ours);
    auto hold = take();
    hold.async_release(note_end);
    EXPECT_EQ(told(), error_code());
    EXPECT_TRUE(was_ours && is_free());
}

}  // namespace
}  // namespace holdfast::test
