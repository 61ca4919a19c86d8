// The holdfast-sim program: one run from a seed, or a swarm of them.
#include "base/duration.hpp"
#include "sim/mutants.hpp"
#include "sim/scenario.hpp"
#include "sim/swarm.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <iostream>
#include <sstream>
#include <string>

namespace {

using namespace holdfast;
using namespace holdfast::sim;

constexpr int exit_good = 0, exit_found = 1, exit_usage = 2, exit_internal = 70;

struct command_line {
    scenario single;
    std::string span = "24h", every = "5m", faults = "all", workloads, seeds, box = "60s";
    bool trace = false, swarm = false, marks = false, list = false;
};

nanoseconds span_of(const std::string& text, const std::string& option) {
    const auto span = parse_duration(text);
    if (!span) throw CLI::ValidationError(option, "'" + text + "' is no span; write 24h or 90s");
    return *span;
}

void add_options(CLI::App& app, command_line& given) {
    app.add_option("--seed", given.single.fleet.seed, "What the run is made from");
    app.add_option("--nodes", given.single.fleet.nodes, "Machines in the fleet")
        ->check(CLI::Range(1, 100));
    app.add_option("--for", given.span, "Virtual time under faults, 24h by default");
    app.add_option("--faults", given.faults, "Which, by name, or all or none");
    app.add_option("--fault-every", given.every, "How often each kind strikes, 5m by default");
    app.add_option("--message-trouble", given.single.fleet.message_trouble,
                   "Messages in a million that are lost or doubled");
    std::string names;
    for (const auto& name : known_workloads()) names += (names.empty() ? "" : ", ") + name;
    app.add_option("--workload", given.workloads, "What clients do; all by default: " + names);
    app.add_option("--mutant", given.single.mutant, "Run with this defect built in");
    app.add_option("--seeds", given.seeds, "A..B: a swarm, every option drawn from each seed");
    app.add_flag("--swarm", given.swarm, "A swarm from --seed on until the time box is used up");
    app.add_option("--box", given.box, "Real time for --swarm, 60s by default");
    app.add_flag("--trace", given.trace, "Print every event");
    app.add_flag("--marks", given.marks, "Print how often each interesting branch was reached");
    app.add_flag("--list-mutants", given.list, "Print the defects that --mutant knows");
}

std::vector<std::string> list_of(const std::string& text) {
    std::vector<std::string> names;
    std::stringstream in(text);
    for (std::string name; std::getline(in, name, ',');) {
        const auto& known = known_workloads();
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw CLI::ValidationError("--workload", "unknown workload '" + name + "'");
        names.push_back(name);
    }
    return names.empty() ? known_workloads() : names;
}

void check(command_line& given) {
    std::string why;
    const auto faults = fault_set::parse(given.faults, &why);
    if (!faults) throw CLI::ValidationError("--faults", why);
    given.single.fleet.faults = *faults;
    given.single.fleet.fault_every = span_of(given.every, "--fault-every");
    given.single.span = span_of(given.span, "--for");
    given.single.workloads = list_of(given.workloads);
    if (given.single.fleet.fault_every <= nanoseconds{0})
        throw CLI::ValidationError("--fault-every", "must be positive");
}

void print_marks(const mark_counts& marks) {
    for (const auto& [name, count] : marks) std::cout << "mark  " << name << ": " << count << '\n';
}

int run_single(const command_line& given) {
    auto what = given.single;
    if (given.trace) what.print_trace = [](const std::string& line) { std::cout << line << '\n'; };
    const auto begun = std::chrono::steady_clock::now();
    const auto found = run(what);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    std::cout << "seed " << what.fleet.seed << "  hash " << std::hex << found.hash << std::dec
              << "  events " << found.events << "  virtual " << clock_text(found.ended_at)
              << "  took " << took.count() << " s\n";
    if (given.marks) print_marks(found.marks);
    if (found.good()) return exit_good;
    print_failure(std::cout, what);
    return exit_found;
}

int run_swarm(const command_line& given) {
    swarm_plan plan;
    plan.first_seed = given.single.fleet.seed;
    plan.workloads = given.single.workloads;
    plan.mutant = given.single.mutant;
    if (!given.seeds.empty()) {
        const auto dots = given.seeds.find("..");
        if (dots == std::string::npos) throw CLI::ValidationError("--seeds", "write it as A..B");
        plan.first_seed = std::stoull(given.seeds.substr(0, dots));
        plan.last_seed = std::stoull(given.seeds.substr(dots + 2));
    }
    const auto box = span_of(given.box, "--box");
    const auto end = std::chrono::steady_clock::now() + box;
    if (given.seeds.empty())
        plan.time_is_up = [end] { return std::chrono::steady_clock::now() >= end; };
    const auto found = run(plan);
    std::cout << found.runs << " runs, " << found.fleet_days << " fleet-days, " << found.events
              << " events\n";
    if (given.marks) print_marks(found.marks);
    if (!found.failed) return exit_good;
    print_failure(std::cout, *found.failed);
    return exit_found;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A fleet in virtual time: the shipped code and scripts under faults, from a seed.",
                 "holdfast-sim");
    app.footer("Exit codes: 0 nothing found, 1 a promise was broken, 2 usage, 70 internal.");
    command_line given;
    add_options(app, given);
    try {
        app.parse(argc, argv);
        check(given);
        if (given.list) {
            for (const auto& one : all_mutants()) std::cout << one.name << '\n';
            return exit_good;
        }
        return given.swarm || !given.seeds.empty() ? run_swarm(given) : run_single(given);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        std::cerr << "holdfast-sim: " << error.what() << "; see holdfast-sim --help\n";
        return exit_usage;
    } catch (const std::invalid_argument& error) {
        std::cerr << "holdfast-sim: " << error.what() << "; see holdfast-sim --help\n";
        return exit_usage;
    } catch (const std::exception& error) {
        std::cerr << "holdfast-sim: internal error: " << error.what() << '\n';
        return exit_internal;
    }
}
