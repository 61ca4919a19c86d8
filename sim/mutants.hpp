// Defects on purpose: a checker that finds none of them is no checker.
#pragma once

#include "sim/fleet.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace holdfast::sim {

/// A defect exists on the way to the simulated store only, so no shipped program contains it: a
/// script is executed with another text, or a client's arguments arrive changed, as if the client
/// had computed them wrongly.
struct mutant {
    std::string_view name;
    std::string_view workload;  ///< the one that must find it
    std::string_view script;
    std::string_view shipped;  ///< occurs exactly once in the script
    std::string_view broken;   ///< stands there instead
};

const std::vector<mutant>& all_mutants();
/// Those of them that are for the workloads of the lock family.
std::span<const mutant> family_mutants();

/// Throws std::invalid_argument for an unknown name, and std::logic_error when the shipped script
/// does not hold the text exactly once (it has changed: adapt the mutant). Nothing for "".
void apply_mutant(std::string_view name, simulation::fleet& to);

}  // namespace holdfast::sim
