// Your own lock-protected code under crashes, pauses, lost replies and failovers, from one seed.
#include "holdfast/locker.hpp"
#include "holdfast/simulation.hpp"

#include <cstdint>
#include <iostream>

namespace {

using namespace holdfast;

/// What the lock protects. It lives outside the fleet, as a database would, and compares fences.
struct ledger {
    bool append(fencing_token fence) {
        if (fence < newest) return ++refused, false;
        newest = fence;
        return ++accepted, true;
    }
    fencing_token newest;
    int accepted = 0, refused = 0;
};

/// Runs on every node, and again from the start after each crash.
task<void> program(sim::process& self, ledger& shared) {
    locker_options options{self.node};
    locker locks(self.rt, self.shared, self.events, std::move(options));
    while (true) {
        const lock_name name("ledger");
        const lease_ttl ttl(seconds{10});
        auto got = co_await locks.acquire(name, ttl);
        if (got) {
            auto held = locks.keep(std::move(*got));
            co_await self.rt.sleep_until(self.rt.now() + seconds{3});
            if (held.valid(self.rt.now())) shared.append(held.fence());
            co_await held.release();
        }
        co_await self.rt.sleep_until(self.rt.now() + seconds{5});
    }
}

}  // namespace

int main() {
    ledger shared;
    sim::simulation_options options;
    options.seed = 42;
    options.nodes = 3;
    sim::simulation fleet(options);
    fleet.on_every_node([&](sim::process& self) { return program(self, shared); });
    fleet.run_for(minutes{30});
    const int under_faults = shared.accepted;

    fleet.heal();
    fleet.run_for(minutes{2});
    std::cout << under_faults << " entries in half an hour of faults, " << shared.refused
              << " late ones refused, " << shared.accepted - under_faults
              << " in two good minutes\n";
    return under_faults > 0 && shared.accepted > under_faults ? 0 : 1;
}
