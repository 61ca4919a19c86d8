// The story of a run that failed is told by running it again.
#include "sim/report.hpp"

#include "base/write_json.hpp"
#include "sim/world/trace.hpp"

#include <algorithm>
#include <chrono>
#include <ostream>
#include <sstream>
#include <utility>

namespace holdfast::sim {
namespace {

constexpr std::size_t story_lines = 80;
constexpr std::size_t longest_line = 400;

std::string hex_of(std::uint64_t hash) {
    std::ostringstream out;
    out << std::hex << hash;
    return std::move(out).str();
}

std::string number_of(double value) {
    std::ostringstream out;
    out << value;
    return std::move(out).str();
}

double seconds_of(nanoseconds span) { return std::chrono::duration<double>(span).count(); }

std::string json_list(const std::vector<std::string>& texts) {
    std::vector<std::string> quoted;
    for (const auto& text : texts) quoted.push_back(json_quote(text));
    return json_array(quoted);
}

std::string json_of(const mark_counts& marks) {
    json_members members;
    for (const auto& [name, count] : marks) members.emplace_back(name, std::to_string(count));
    return json_object(members);
}

/// With the last events before the finding.
verdict run_again(scenario what) {
    what.story_lines = story_lines;
    what.print_trace = nullptr;
    auto found = run(what);
    for (auto& line : found.story) line.resize(std::min(line.size(), longest_line));
    return found;
}

}  // namespace

std::string summary_of(const scenario& what, const verdict& found, double took_seconds) {
    return "seed " + std::to_string(what.fleet.seed) + "  hash " + hex_of(found.hash) +
           "  events " + std::to_string(found.events) + "  virtual " + clock_text(found.ended_at) +
           "  took " + number_of(took_seconds) + " s\n";
}

// Seeds have 64 bits and hashes too, more than a number of JSON can be trusted with.
std::string json_of(const scenario& what, const verdict& found, double took_seconds) {
    json_members members{
        {"seed", json_quote(std::to_string(what.fleet.seed))},
        {"hash", json_quote(hex_of(found.hash))},
        {"events", std::to_string(found.events)},
        {"virtual_seconds", number_of(seconds_of(found.ended_at.time_since_epoch()))},
        {"took_seconds", number_of(took_seconds)},
        {"marks", json_of(found.marks)},
        {"findings", json_list(found.findings)}};
    if (!found.good()) members.emplace_back("story", json_list(run_again(what).story));
    members.emplace_back("commit", json_quote(HOLDFAST_COMMIT));
    members.emplace_back("again", json_quote(command_of(what)));
    return json_object(members);
}

std::string summary_of(const swarm_result& found) {
    return std::to_string(found.runs) + " runs, " + number_of(found.fleet_days) + " fleet-days, " +
           std::to_string(found.events) + " events";
}

std::string json_of(const swarm_result& found, bool interrupted) {
    std::string failed = "null";
    if (found.failed) {
        const auto again = run_again(*found.failed);
        failed = json_object({{"seed", json_quote(std::to_string(found.failed->fleet.seed))},
                              {"findings", json_list(again.findings)},
                              {"story", json_list(again.story)},
                              {"commit", json_quote(HOLDFAST_COMMIT)},
                              {"again", json_quote(command_of(*found.failed))}});
    }
    return json_object({{"runs", std::to_string(found.runs)},
                        {"fleet_days", number_of(found.fleet_days)},
                        {"events", std::to_string(found.events)},
                        {"interrupted", interrupted ? "true" : "false"},
                        {"marks", json_of(found.marks)},
                        {"failed", failed}});
}

std::string lines_of(const mark_counts& marks) {
    std::string out;
    for (const auto& [name, count] : marks)
        out += "mark  " + name + ": " + std::to_string(count) + "\n";
    return out;
}

void print_failure(std::ostream& out, scenario what) {
    const auto found = run_again(what);
    out << "\nThe last events before the finding:\n";
    for (const auto& line : found.story) out << "  " << line << '\n';
    for (const auto& finding : found.findings) out << "\nFOUND  " << finding << '\n';
    out << "seed   " << what.fleet.seed << "\ncommit " << HOLDFAST_COMMIT << "\nagain  "
        << command_of(what) << '\n';
}

}  // namespace holdfast::sim
