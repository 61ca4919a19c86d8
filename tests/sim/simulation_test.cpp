// The public simulator with a user's own program: locks around a file, under every fault.
#include "holdfast/simulation.hpp"

#include "holdfast/locker.hpp"
#include "sim/world/fleet.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace holdfast::sim {
namespace {

/// Compares fences, as something that a lock protects should.
struct guarded_file {
    bool write(std::uint64_t fence) {
        if (fence < highest) return false;
        highest = fence;
        ++accepted;
        return true;
    }
    std::uint64_t highest = 0;
    int accepted = 0;
};

task<void> take_turns(process& self, guarded_file& file) {
    locker locks(self.rt, self.shared, self.events, {self.node});
    while (true) {
        const lock_name name("report");
        const lease_ttl ttl(seconds{10});
        auto got = co_await locks.acquire(name, ttl);
        if (!got) {
            co_await self.rt.sleep_until(self.rt.now() + seconds{1});
            continue;
        }
        auto held = locks.keep(std::move(*got));
        co_await self.rt.sleep_until(self.rt.now() + seconds{15});
        if (held.valid(self.rt.now())) file.write(held.fence().value());
        co_await held.release();
        co_await self.rt.sleep_until(self.rt.now() + seconds{5});
    }
}

struct outcome {
    std::uint64_t hash, events;
    int accepted;
    friend bool operator==(const outcome&, const outcome&) = default;
};

outcome run(std::uint64_t seed, fault_set faults, nanoseconds span) {
    guarded_file file;
    simulation_options options;
    options.seed = seed;
    options.faults = faults;
    simulation sim(options);
    sim.on_every_node([&](process& self) { return take_turns(self, file); });
    sim.run_for(span);
    return {sim.trace_hash(), sim.inside().space.told().events(), file.accepted};
}

TEST(simulation, runs_a_program_on_every_node) {
    const auto calm = run(1, {}, minutes{10});
    EXPECT_GE(calm.accepted, 38);
    EXPECT_LE(calm.accepted, 40);
}

TEST(simulation, is_the_same_for_the_same_seed) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const auto once = run(seed, fault_set::all(), hours{1});
        EXPECT_EQ(once, run(seed, fault_set::all(), hours{1}));
        EXPECT_NE(once.hash, run(seed + 100, fault_set::all(), hours{1}).hash);
        EXPECT_GT(once.accepted, 20);
    }
}

TEST(simulation, every_fault_strikes_and_healing_ends_them) {
    guarded_file file;
    simulation_options options;
    options.fault_every = minutes{1};
    simulation sim(options);
    sim.on_every_node([&](process& self) { return take_turns(self, file); });
    sim.run_for(hours{1});
    for (std::size_t i = 0; i < static_cast<std::size_t>(fault::count); ++i) {
        const auto which = static_cast<fault>(i);
        if (which == fault::drop || which == fault::lost_reply || which == fault::duplicate)
            continue;
        EXPECT_GT(sim.inside().faults.strikes(which), 10u) << name_of(which);
    }
    EXPECT_GT(sim.inside().lines.lost_replies(), 0u);
    sim.heal();
    sim.run_for(minutes{1});
    const auto before = file.accepted;
    sim.run_for(minutes{10});
    EXPECT_GE(file.accepted, before + 38);
}

TEST(simulation, tells_what_happened_last) {
    guarded_file file;
    simulation sim({.nodes = 2});
    sim.keep_story(5);
    sim.on_every_node([&](process& self) { return take_turns(self, file); });
    sim.run_for(minutes{1});
    ASSERT_EQ(sim.story().size(), 5u);
    EXPECT_NE(sim.story().back().find("report"), std::string::npos);
}

TEST(simulation, an_exception_of_the_program_ends_the_run) {
    simulation sim({.nodes = 1});
    sim.on_every_node([](process& self) -> task<void> {
        co_await self.rt.sleep_until(self.rt.now() + seconds{1});
        throw std::runtime_error("no");
    });
    EXPECT_THROW(sim.run_for(minutes{1}), std::runtime_error);
}

TEST(simulation, reads_lists_of_faults) {
    std::string why;
    EXPECT_EQ(fault_set::parse("crash,lost-reply")->str(), "crash,lost-reply");
    EXPECT_EQ(fault_set::parse("none")->str(), "none");
    EXPECT_TRUE(fault_set::parse("all")->has(fault::slow_script));
    EXPECT_FALSE(fault_set::parse("crash,earthquake", &why));
    EXPECT_NE(why.find("earthquake"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::sim
