// What holdfast-sim tells of its runs: lines for people, JSON for programs.
#pragma once

#include "sim/swarm.hpp"

#include <iosfwd>
#include <string>

namespace holdfast::sim {

std::string summary_of(const scenario& what, const verdict& found, double took_seconds);
std::string json_of(const scenario& what, const verdict& found, double took_seconds);
std::string summary_of(const swarm_result& found);
std::string json_of(const swarm_result& found, bool interrupted);

/// A line each.
std::string lines_of(const mark_counts& marks);

/// Runs it again and tells: the last events, findings, seed, version, the command that repeats it.
void print_failure(std::ostream& out, scenario what);

}  // namespace holdfast::sim
