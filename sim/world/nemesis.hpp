// Strikes the fleet with the faults that are on, at times drawn from the seed.
#pragma once

#include "holdfast/simulation.hpp"
#include "sim/world/network.hpp"
#include "sim/world/store_process.hpp"
#include "sim/world/world.hpp"

#include <array>
#include <functional>

namespace holdfast::sim {

class nemesis {
public:
    nemesis(world& in, network& lines, store_process& store, random draws,
            const simulation_options& options);

    void start();
    /// Undoes everything; nothing strikes any more. Crashed nodes are restarted by `restart`.
    void heal();
    bool healed() const noexcept { return healed_; }
    std::uint64_t strikes(fault which) const {
        return strikes_.at(static_cast<std::size_t>(which));
    }

    std::function<void(node&)> restart;

private:
    void arm(fault which);
    void strike(fault which);
    void on_node(fault which);
    void on_store(fault which);
    void crash(node& at);
    void pause(node& at);
    void skew(node& at);
    void cut(node& at);
    void slow(node& at);
    std::string step_clock();
    void tell(std::string_view who, fault which, std::string detail);
    /// What ends by itself after a while, unless healed before.
    void later(nanoseconds span, std::function<void()> what);
    bool is_store_fault(fault which) const { return which >= fault::restart; }

    world& world_;
    network& network_;
    store_process& store_;
    random draws_;
    fault_set faults_;
    nanoseconds every_;
    std::uint32_t message_trouble_;
    bool healed_ = false;
    microseconds calendars_ahead_{0};  ///< all of them, with the store's clock
    std::array<std::uint64_t, static_cast<std::size_t>(fault::count)> strikes_{};
};

}  // namespace holdfast::sim
