// Defects on purpose: a checker that finds none of them is no checker.
#pragma once

#include "sim/world/fleet.hpp"

#include <iosfwd>
#include <span>
#include <string_view>
#include <vector>

namespace holdfast::sim {

/// No shipped program contains one. A defect of a script exists on the way to the simulated store
/// only, which executes another text. A defect of the C++ code (base/mutant.hpp) exists in programs
/// that were built with HOLDFAST_MUTANTS.
struct defect {
    std::string_view name;
    std::string_view workload;      ///< the one that must find it
    std::string_view script = {};   ///< none: it is in the C++ code
    std::string_view shipped = {};  ///< occurs exactly once in the script
    std::string_view broken = {};   ///< stands there instead
    std::string_view faults = {};   ///< that bring it out; none: any, as drawn
};

/// Its name: what tests show.
std::ostream& operator<<(std::ostream& out, const defect& one);

/// Those this program can have.
const std::vector<defect>& all_mutants();
/// Those of them that are for the workloads of the lock family.
std::span<const defect> family_mutants();

/// There while it lives, in this fleet. Throws std::invalid_argument for an unknown name, and
/// std::logic_error when the shipped script does not hold the text exactly once (it has changed:
/// adapt the mutant). Nothing for "".
class applied_mutant {
public:
    applied_mutant(std::string_view name, simulation::fleet& to);
    ~applied_mutant();
    applied_mutant(const applied_mutant&) = delete;
};

}  // namespace holdfast::sim
