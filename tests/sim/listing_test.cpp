// What it costs to look at many locks of a store that is far away.
#include "holdfast/locker.hpp"
#include "quiet_fleet.hpp"
#include "sim/world/fleet.hpp"

#include <gtest/gtest.h>

#include <string>

namespace holdfast::sim {
namespace {

constexpr int many = 300;

struct outcome {
    std::size_t listed = 0;
    nanoseconds one_after_the_other{0}, listing{0};
};

task<void> take_many_and_list(process& self, outcome& seen) {
    locker locks(self.rt, self.shared, self.events);
    const auto first = self.rt.now();
    for (int i = 0; i < many; ++i) {
        const lock_name name("job-" + std::to_string(i));
        const auto taken = co_await locks.try_acquire(name, lease_ttl(minutes{10}));
        EXPECT_TRUE(taken);
    }
    const auto begun = self.rt.now();
    seen.one_after_the_other = begun - first;
    auto asked = locks.list();
    const auto all = co_await std::move(asked);
    seen.listing = self.rt.now() - begun;
    seen.listed = all ? all->size() : 0;
}

TEST(listing, asks_of_many_locks_at_a_time) {
    outcome seen;
    simulation sim(quiet_fleet(1));
    sim.inside().lines.quality.latency = milliseconds{20};
    sim.on_every_node([&](process& self) { return take_many_and_list(self, seen); });
    sim.run_for(minutes{5});
    EXPECT_EQ(seen.listed, many);
    EXPECT_LT(seen.listing, seen.one_after_the_other / 5);
}

}  // namespace
}  // namespace holdfast::sim
