// The insides of a simulation: world, network, store, faults, and a program on every node.
#pragma once

#include "holdfast/simulation.hpp"
#include "sim/world/nemesis.hpp"
#include "sim/world/network.hpp"
#include "sim/world/sim_store.hpp"
#include "sim/world/store_process.hpp"
#include "sim/world/world.hpp"

#include <functional>
#include <string>
#include <vector>

namespace holdfast::sim {

class simulation::fleet {
public:
    explicit fleet(const simulation_options& options);
    ~fleet();
    fleet(const fleet&) = delete;

    void start(std::vector<program> what);
    void heal() {
        healed_ = true;
        faults.heal();
    }
    /// Whether clients leave each other alone just now.
    bool quiet() const noexcept {
        return !healed_ && space.now().time_since_epoch() % hours{1} >= busy;
    }

    simulation_options options;
    sim::world space;
    network lines;
    store_process server;
    nemesis faults;

    /// Sees each event of each process, after the trace has.
    std::function<void(const process&, const event&)> on_event;
    /// A call of this process ended with outcome_unknown.
    std::function<void(const process&, std::string_view script)> on_unknown;
    sim_store_options store_options;
    nanoseconds busy = hours{1};  ///< of each hour
    /// Whether what goes on by itself does so more slowly.
    bool slow_rhythm() const noexcept { return busy < hours{1}; }

private:
    void launch(node& on);

    std::vector<program> programs_;
    bool healed_ = false;
};

}  // namespace holdfast::sim
