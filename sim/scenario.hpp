// One simulated run from its options to its verdict.
#pragma once

#include "holdfast/simulation.hpp"
#include "sim/referee.hpp"
#include "sim/world/store_process.hpp"

#include <functional>
#include <string>
#include <vector>

namespace holdfast::sim {

struct scenario {
    simulation_options fleet;
    nanoseconds span = hours{1};
    std::vector<std::string> workloads = {"lock"};
    /// So much of each hour clients are about; in what is left of it they rest, and what goes on by
    /// itself (heartbeats, probes of replicas, jobs) goes on more slowly. All of it until healed.
    nanoseconds busy = hours{1};
    /// Keeps so many lines of the story.
    std::size_t story_lines = 0;
    std::function<void(const std::string&)> print_trace;
    /// A defect built in on purpose; empty: the code as shipped.
    std::string mutant;
};

struct verdict {
    std::uint64_t hash = 0;
    std::uint64_t events = 0;
    steady_time ended_at{};
    std::vector<std::string> findings;
    mark_counts marks;
    std::vector<std::string> story;
    bool good() const noexcept { return findings.empty(); }
};

/// The names that `workloads` may hold.
const std::vector<std::string>& known_workloads();

/// Faults for the span, then healing, then the time within which progress is owed. Ends at the
/// first finding.
verdict run(const scenario& what);

/// Everything but the span and the workloads drawn from the seed: which faults are off, how often
/// the others strike, how the network fares.
scenario swarm_scenario(std::uint64_t seed);

/// `busy` for a span: what makes a run of many hours little more work than one of two.
nanoseconds usual_busy(nanoseconds span);

/// "--seed 7 --nodes 5 …": what repeats the run.
std::string command_of(const scenario& what);

}  // namespace holdfast::sim
