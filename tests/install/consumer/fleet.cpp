// A test of somebody else's program in the simulator, as it is installed.
#include <holdfast/locker.hpp>
#include <holdfast/simulation.hpp>

#include <cstdio>

namespace {

using namespace holdfast;

task<void> program(sim::process& self, int& turns) {
    locker locks(self.rt, self.shared, self.events);
    while (true) {
        const lock_name name("turn");
        auto got = co_await locks.acquire(name, lease_ttl(seconds{10}));
        if (got) {
            ++turns;
            co_await locks.release(*got);
        }
        co_await self.rt.sleep_until(self.rt.now() + seconds{10});
    }
}

}  // namespace

int main() {
    int turns = 0;
    sim::simulation fleet(sim::simulation_options{.seed = 7, .nodes = 3});
    fleet.on_every_node([&](sim::process& self) { return program(self, turns); });
    fleet.run_for(minutes{10});
    fleet.heal();
    const bool goes_on = fleet.run_until([&, seen = turns] { return turns > seen; }, minutes{1});
    std::puts(turns > 0 && goes_on ? "took turns" : "got nowhere");
}
