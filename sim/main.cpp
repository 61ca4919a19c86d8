// The holdfast-sim program: one run from a seed, or a swarm of them.
#include "base/duration.hpp"
#include "sim/mutants.hpp"
#include "sim/report.hpp"

#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace {

using namespace holdfast;
using namespace holdfast::sim;

constexpr int exit_good = 0, exit_found = 1, exit_usage = 2, exit_internal = 70;

struct command_line {
    scenario single;
    std::string span = "24h", every, faults, workloads, seeds, busy, box = "60s";
    bool trace = false, swarm = false, marks = false, list = false, json = false;
};

nanoseconds span_of(const std::string& text, const std::string& option) {
    const auto span = parse_duration(text);
    if (!span) throw CLI::ValidationError(option, "'" + text + "' is no span; write 24h or 90s");
    if (*span <= milliseconds{0}) throw CLI::ValidationError(option, "must be positive");
    return *span;
}

std::optional<std::uint64_t> seed_in(std::string_view text) {
    std::uint64_t seed = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, failed] = std::from_chars(text.data(), end, seed);
    return failed == std::errc{} && stop == end ? std::optional(seed) : std::nullopt;
}

// The parser would take -1, and what is too large, for the largest of all seeds.
std::string a_seed(const std::string& text) {
    return seed_in(text) ? "" : "'" + text + "' is no seed; write 0 to 18446744073709551615";
}

void add_options(CLI::App& app, command_line& given) {
    auto* seed = app.add_option("--seed", given.single.fleet.seed, "What the run is made from")
                     ->check(a_seed);
    auto* nodes = app.add_option("--nodes", given.single.fleet.nodes, "Machines in the fleet")
                      ->check(CLI::Range(1, 100));
    auto* span = app.add_option("--for", given.span, "Virtual time under faults, 24h by default");
    app.add_option("--faults", given.faults, "Which, by name, or all (the default) or none");
    app.add_option("--fault-every", given.every, "How often each kind strikes, 5m by default");
    auto* trouble = app.add_option("--message-trouble", given.single.fleet.message_trouble,
                                   "Messages in a million that are lost or doubled")
                        ->check(CLI::Range(0, 1'000'000));
    std::string names;
    for (const auto& name : known_workloads()) names += (names.empty() ? "" : ", ") + name;
    app.add_option("--workload", given.workloads, "What clients do; all by default: " + names);
    auto* busy = app.add_option("--busy", given.busy,
                                "How much of each hour clients are about; less than all by "
                                "default in runs of more than 2h");
    app.add_option("--mutant", given.single.mutant, "Run with this defect built in");
    auto* trace = app.add_flag("--trace", given.trace, "Print every event");
    app.add_flag("--json", given.json, "One JSON object instead of lines")->excludes(trace);
    app.add_flag("--marks", given.marks, "Print how often each interesting branch was reached");
    app.add_flag("--list-mutants", given.list,
                 "Print the defects that --mutant knows; those of the C++ code are there only if "
                 "this program was built with HOLDFAST_MUTANTS");
    auto* seeds = app.add_option("--seeds", given.seeds,
                                 "A..B: a swarm, all that is not said drawn from each seed");
    auto* swarm = app.add_flag("--swarm", given.swarm,
                               "A swarm from --seed on until the time box is used up");
    app.add_option("--box", given.box, "Real time for --swarm, 60s by default")->needs(swarm);
    seeds->excludes(swarm)->excludes(seed);
    // Drawn, or a flood.
    for (auto* single : {nodes, span, trouble, busy, trace}) {
        seeds->excludes(single);
        swarm->excludes(single);
    }
}

std::vector<std::string> list_of(const std::string& text) {
    std::vector<std::string> names;
    std::set<std::string> seen;
    std::stringstream in(text);
    for (std::string name; std::getline(in, name, ',');) {
        if (!std::ranges::count(known_workloads(), name))
            throw CLI::ValidationError("--workload", "unknown workload '" + name + "'");
        if (!seen.insert(name).second)
            throw CLI::ValidationError("--workload", "'" + name + "' is there twice");
        names.push_back(name);
    }
    return names.empty() ? known_workloads() : names;
}

void check_mutant(const std::string& name) {
    const auto& known = all_mutants();
    if (!name.empty() && std::ranges::find(known, name, &defect::name) == known.end())
        throw CLI::ValidationError("--mutant", "unknown mutant '" + name +
                                                   "'; --list-mutants prints those that this "
                                                   "program knows (those of the C++ code only if "
                                                   "it was built with HOLDFAST_MUTANTS)");
}

void check(command_line& given) {
    std::string why;
    const auto faults = fault_set::parse(given.faults.empty() ? "all" : given.faults, &why);
    if (!faults) throw CLI::ValidationError("--faults", why);
    given.single.fleet.faults = *faults;
    if (!given.every.empty())
        given.single.fleet.fault_every = span_of(given.every, "--fault-every");
    given.single.span = span_of(given.span, "--for");
    given.single.busy = given.busy.empty()
                            ? usual_busy(given.single.span)
                            : std::min(span_of(given.busy, "--busy"), nanoseconds{hours{1}});
    given.single.workloads = list_of(given.workloads);
    check_mutant(given.single.mutant);
}

int run_single(const command_line& given) {
    auto what = given.single;
    if (given.trace) what.print_trace = [](const std::string& line) { std::cout << line << '\n'; };
    const auto begun = std::chrono::steady_clock::now();
    const auto found = run(what);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    if (given.json) {
        std::cout << json_of(what, found, took.count()) << '\n';
    } else {
        std::cout << summary_of(what, found, took.count());
        if (given.marks) std::cout << lines_of(found.marks);
        if (!found.good()) print_failure(std::cout, what);
    }
    return found.good() ? exit_good : exit_found;
}

std::uint64_t seed_of(std::string_view text) {
    if (const auto seed = seed_in(text)) return *seed;
    throw CLI::ValidationError("--seeds", "'" + std::string(text) + "' is no seed; write A..B");
}

void read_seeds(std::string_view text, swarm_plan& plan) {
    const auto dots = text.find("..");
    if (dots == text.npos) throw CLI::ValidationError("--seeds", "write it as A..B");
    plan.first_seed = seed_of(text.substr(0, dots));
    plan.last_seed = seed_of(text.substr(dots + 2));
    if (plan.last_seed < plan.first_seed)
        throw CLI::ValidationError("--seeds", "the first is above the last");
}

volatile std::sig_atomic_t interrupted_by = 0;

/// The run that goes on is finished; a second signal ends the program at once.
void end_swarm_on_signals() {
    struct sigaction note{};
    note.sa_handler = [](int which) { interrupted_by = which; };
    note.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int which : {SIGINT, SIGTERM}) sigaction(which, &note, nullptr);
}

/// One line that is written over and over, for somebody who watches.
std::function<void(const swarm_result&)> progress() {
    if (isatty(STDERR_FILENO) == 0) return [](const swarm_result&) {};
    return [next = std::chrono::steady_clock::now()](const swarm_result& so_far) mutable {
        if (std::chrono::steady_clock::now() < next) return;
        next = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
        std::cerr << "\r\x1b[K" << summary_of(so_far) << std::flush;
    };
}

int run_swarm(const command_line& given) {
    swarm_plan plan;
    plan.first_seed = given.single.fleet.seed;
    plan.workloads = given.single.workloads;
    plan.mutant = given.single.mutant;
    if (!given.faults.empty()) plan.faults = given.single.fleet.faults;
    if (!given.every.empty()) plan.fault_every = given.single.fleet.fault_every;
    if (!given.seeds.empty()) read_seeds(given.seeds, plan);
    const auto end = std::chrono::steady_clock::now() + span_of(given.box, "--box");
    plan.time_is_up = [end, boxed = given.swarm] {
        return interrupted_by != 0 || (boxed && std::chrono::steady_clock::now() >= end);
    };
    plan.after_each = progress();
    end_swarm_on_signals();
    const auto found = run(plan);
    if (isatty(STDERR_FILENO) != 0) std::cerr << "\r\x1b[K" << std::flush;
    if (given.json) {
        std::cout << json_of(found, interrupted_by != 0) << '\n';
    } else {
        std::cout << summary_of(found) << (interrupted_by != 0 ? ", interrupted" : "") << '\n';
        if (given.marks) std::cout << lines_of(found.marks);
        if (found.failed) print_failure(std::cout, *found.failed);
    }
    if (found.failed) return exit_found;
    return interrupted_by != 0 ? 128 + interrupted_by : exit_good;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A fleet in virtual time: the shipped code and scripts under faults, from a seed.",
                 "holdfast-sim");
    app.footer(
        "Examples: a day, a swarm for ten minutes, one run again with all that happened in it:\n"
        "  holdfast-sim --seed 7 --workload lock,schedule\n"
        "  holdfast-sim --swarm --box 10m --marks\n"
        "  holdfast-sim --seed 7 --for 1h --faults crash,lost-reply --workload lock --trace\n"
        "Exit codes: 0 nothing found, 1 a promise was broken, 2 usage, 70 internal, 130 or 143\n"
        "interrupted.");
    command_line given;
    add_options(app, given);
    try {
        app.parse(argc, argv);
        check(given);
        if (given.list) {
            for (const auto& one : all_mutants()) std::cout << one.name << '\n';
            return exit_good;
        }
        const int code = given.swarm || !given.seeds.empty() ? run_swarm(given) : run_single(given);
        if (std::cout.flush()) return code;
        std::cerr << "holdfast-sim: the output could not be written\n";
        return exit_internal;
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        std::cerr << "holdfast-sim: " << error.what() << "; see holdfast-sim --help\n";
        return exit_usage;
    } catch (const std::exception& error) {
        std::cerr << "holdfast-sim: internal error: " << error.what() << '\n';
        return exit_internal;
    }
}
