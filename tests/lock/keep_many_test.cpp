// Thousands of leases of one process are kept alive by one timer, in virtual time.
#include "lock/lock_world.hpp"
#include "sim/world/world.hpp"
#include "store/embedded/embedded_store.hpp"

namespace holdfast::test {
namespace {

struct losses final : journal {
    void record(const event& e) override {
        if (e.kind == event_kind::lease_lost) ++lost;
        if (e.kind == event_kind::lease_extended) ++extended;
    }
    int lost = 0;
    int extended = 0;
};

class many_leases : public testing::Test {
protected:
    task<void> take(int from, int count, lease_ttl ttl) {
        for (int i = from; i < from + count; ++i) {
            const lock_name name("n" + std::to_string(i));
            auto got = co_await locks.try_acquire(name, ttl);
            kept.push_back(locks.keep(std::move(*got)));
        }
    }
    void hold(int count, milliseconds ttl) {
        const auto before = kept.size();
        node.spawn(take(static_cast<int>(before), count, lease_ttl(ttl)));
        const auto all = before + static_cast<std::size_t>(count);
        ASSERT_TRUE(world.run_until([&] { return kept.size() == all; }, seconds{1}));
    }

    sim::world world;
    sim::node& node = world.add_node();
    std::shared_ptr<embedded::embedded_engine> engine =
        std::make_shared<embedded::embedded_engine>();
    embedded_store st{node, engine, "hf:"};
    losses events;
    locker locks{node, st, events};
    std::vector<scoped_lease> kept;
};

TEST_F(many_leases, are_all_extended_in_time) {
    hold(2000, seconds{30});
    world.run_for(minutes{5});
    EXPECT_EQ(events.lost, 0);
    EXPECT_GE(events.extended, 2000 * 29);
    EXPECT_LE(events.extended, 2000 * 31);
    for (const auto& each : kept) ASSERT_TRUE(each.valid(node.now()));
}

TEST_F(many_leases, of_different_ttls_do_not_hold_each_other_up) {
    hold(500, hours{1});
    hold(500, milliseconds{90});
    hold(500, seconds{10});
    world.run_for(seconds{5});
    EXPECT_EQ(events.lost, 0);
}

TEST_F(many_leases, are_all_lost_at_their_end_when_the_store_is_gone) {
    hold(1000, seconds{3});
    world.run_for(seconds{10});
    auto close = [](store& gone) -> task<void> { co_await gone.close(); };
    node.spawn(close(st));
    world.run_for(seconds{3});
    EXPECT_EQ(events.lost, 1000);
    for (const auto& each : kept) EXPECT_EQ(each.reason(), lost_reason::expired_locally);
}

TEST_F(many_leases, leave_nothing_to_wait_for_when_they_are_released) {
    hold(100, hours{1});
    kept.clear();
    world.run_for(seconds{1});
    const auto before = events.extended;
    hold(1, seconds{3});
    world.run_for(seconds{10});
    EXPECT_GE(events.extended, before + 9);
    EXPECT_EQ(events.lost, 0);
}

}  // namespace
}  // namespace holdfast::test
