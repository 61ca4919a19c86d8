// Many runs, every option of each drawn from its seed.
#pragma once

#include "sim/scenario.hpp"

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::sim {

struct swarm_result {
    std::uint64_t runs = 0;
    std::uint64_t events = 0;
    double fleet_days = 0;
    mark_counts marks;
    std::optional<scenario> failed;  ///< the first run with a finding; the swarm ends with it
};

struct swarm_plan {
    std::uint64_t first_seed = 1;
    std::uint64_t last_seed = std::numeric_limits<std::uint64_t>::max();
    /// Asked between runs.
    std::function<bool()> time_is_up = [] { return false; };
    /// Told after each run what there is so far.
    std::function<void(const swarm_result&)> after_each = [](const swarm_result&) {};
    std::vector<std::string> workloads;
    std::string mutant;
    nanoseconds fault_every{0};       ///< 0: drawn, as all else
    std::optional<fault_set> faults;  ///< none: drawn too
};

swarm_result run(const swarm_plan& plan);

/// What a swarm over these workloads must have been through; empty: it was lively enough.
std::vector<std::string> missing_marks(const std::vector<std::string>& workloads,
                                       const mark_counts& reached);

}  // namespace holdfast::sim
