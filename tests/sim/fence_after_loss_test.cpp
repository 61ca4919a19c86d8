// Fences that are drawn under a lease which a loss of data has brought back.
#include "holdfast/cohort.hpp"
#include "holdfast/locker.hpp"
#include "quiet_fleet.hpp"
#include "sim/world/fleet.hpp"

#include <gtest/gtest.h>

#include <string>

namespace holdfast::sim {
namespace {

lock_name desk_name() { return lock_name("desk"); }
constexpr milliseconds ttl{600'000};

struct outcome {
    std::uint64_t first_turn = 0, second_turn = 0;
    std::uint64_t forgotten = 0;  // granted to another process, then lost with the data
    bool batch_reserved = false;
    bool go_on = false;
};

task<void> second_turn(cohort& desk, outcome& seen) {
    auto turn = co_await desk.acquire();
    if (turn) seen.second_turn = turn->fence().value();
}

task<void> two_turns(process& self, outcome& seen) {
    locker locks(self.rt, self.shared, self.events);
    cohort desk(locks, desk_name(), lease_ttl(ttl));
    {
        const auto turn = co_await desk.acquire();
        EXPECT_TRUE(turn);
        seen.first_turn = turn ? turn->fence().value() : 0;
        static_cast<node&>(self.rt).spawn(second_turn(desk, seen));
        while (!seen.go_on) co_await self.rt.sleep_until(self.rt.now() + seconds{1});
    }
    co_await self.rt.sleep_until(steady_time::max());
}

task<void> take_it_away(process& self, outcome& seen) {
    locker locks(self.rt, self.shared, self.events);
    co_await self.rt.sleep_until(self.rt.now() + seconds{10});
    auto breaking = locks.force_break(desk_name());
    const auto broken = co_await std::move(breaking);
    EXPECT_TRUE(broken);
    const auto taken = co_await locks.try_acquire(desk_name(), lease_ttl(ttl));
    EXPECT_TRUE(taken);
    seen.forgotten = taken ? taken->fence().value() : 0;
    co_await self.rt.sleep_until(steady_time::max());
}

// The holder does not hear that its lock was broken, and the failover forgets it: the lease is
// there again. What others were granted meanwhile was used all the same.
TEST(fences_after_a_loss, turns_reserved_over_a_new_connection_are_above_what_was_forgotten) {
    outcome seen;
    simulation sim(quiet_fleet(2));
    auto& fleet = sim.inside();
    fleet.server.observe = [&](const executed& done) {
        if (done.what.name == "lock/reserve") seen.batch_reserved = true;
    };
    sim.on_every_node([&](process& self) {
        return self.node == "n1" ? two_turns(self, seen) : take_it_away(self, seen);
    });
    auto& holder = *fleet.space.nodes()[0];
    sim.run_for(seconds{5});
    ASSERT_GT(seen.first_turn, 0U);
    fleet.lines.cut(holder, direction::in);
    const auto writes = fleet.server.engine().writes();
    sim.run_for(seconds{10});
    ASSERT_GT(seen.forgotten, seen.first_turn);
    fleet.server.restart(store_process::data::rolled_back, fleet.server.engine().writes() - writes,
                         seconds{1});
    fleet.lines.mend(holder);
    sim.run_for(minutes{1});  // it connects anew
    seen.go_on = true;
    sim.run_for(seconds{10});
    EXPECT_TRUE(seen.batch_reserved);
    EXPECT_GT(seen.second_turn, seen.forgotten);
}

}  // namespace
}  // namespace holdfast::sim
