// A fleet in which nothing goes wrong but what the test does.
#pragma once

#include "holdfast/simulation.hpp"

namespace holdfast::sim {

inline simulation_options quiet_fleet(std::size_t nodes) {
    simulation_options options;
    options.nodes = nodes;
    options.faults = {};
    return options;
}

}  // namespace holdfast::sim
