// Puts fleet, workloads and referee together.
#include "sim/scenario.hpp"

#include "base/duration.hpp"
#include "sim/mutants.hpp"
#include "sim/workload.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace holdfast::sim {
namespace {

using maker = std::unique_ptr<workload> (*)(simulation::fleet&, referee&, random);

const std::vector<std::pair<std::string, maker>>& makers() {
    static const std::vector<std::pair<std::string, maker>> all{
        {"lock", make_lock_workload},
        {"schedule", make_schedule_workload},
        {"token", make_token_workload},
        {"same-token", make_same_token_workload},
        {"rw", make_rw_workload},
        {"semaphore", make_semaphore_workload},
        {"multi", make_multi_workload},
        {"election", make_election_workload},
        {"quorum", make_quorum_workload},
        {"recursive", make_recursive_workload},
        {"latch", make_latch_workload},
        {"barrier", make_barrier_workload},
        {"transfer", make_transfer_workload},
        {"options", make_options_workload},
    };
    return all;
}

std::unique_ptr<workload> make(const std::string& name, simulation::fleet& of, referee& to,
                               random draws) {
    for (const auto& [known, one] : makers())
        if (known == name) return one(of, to, draws);
    throw std::invalid_argument("unknown workload '" + name + "'");
}

}  // namespace

const std::vector<std::string>& known_workloads() {
    static const auto names = [] {
        std::vector<std::string> all;
        for (const auto& [name, one] : makers()) all.push_back(name);
        return all;
    }();
    return names;
}

verdict run(const scenario& what) {
    simulation::fleet fleet(what.fleet);
    fleet.busy = what.busy;
    referee judge(fleet.space);
    std::vector<std::unique_ptr<workload>> all;
    for (const auto& name : what.workloads)
        all.push_back(make(name, fleet, judge, fleet.space.draws().fork()));
    fleet.space.told().keep(what.story_lines);
    if (what.print_trace) fleet.space.told().print_to(what.print_trace);
    const applied_mutant built_in(what.mutant, fleet);

    fleet.on_event = [&](const process& by, const event& e) {
        for (auto& one : all) one->on_event(by, e);
    };
    fleet.on_unknown = [&](const process& by, std::string_view script) {
        for (auto& one : all) one->on_unknown(by, script);
    };
    fleet.server.observe = [&](const executed& done) {
        for (auto& one : all) one->on_script(done);
    };
    fleet.server.on_loss = [&] {
        for (auto& one : all) one->on_loss();
    };
    std::vector<simulation::program> programs;
    for (auto& one : all)
        programs.push_back([&load = *one](process& self) { return load.run(self); });
    fleet.start(std::move(programs));

    const auto failed = [&] { return judge.failed(); };
    fleet.space.run_until(failed, what.span);
    if (!judge.failed()) {
        fleet.heal();
        for (auto& one : all) one->healed();
        const auto healed_at = fleet.space.now();
        const auto owes = [&](const auto& one) {
            return !one->content() && fleet.space.now() - healed_at < one->owed_within();
        };
        const auto over = [&] { return judge.failed() || std::ranges::none_of(all, owes); };
        fleet.space.run_until(over, hours{24});
    }
    if (!judge.failed())
        for (auto& one : all) one->finish();

    auto& told = fleet.space.told();
    verdict found{told.hash(),      told.events(), fleet.space.now(),
                  judge.findings(), judge.marks(), {told.story().begin(), told.story().end()}};
    fleet.space.end();  // before the workloads, which its coroutines use
    return found;
}

scenario swarm_scenario(std::uint64_t seed) {
    random draws(seed * 0x9e3779b97f4a7c15u + 1);
    scenario drawn;
    drawn.fleet.seed = seed;
    drawn.fleet.nodes = 2 + draws.below(5);
    drawn.fleet.faults = fault_set();
    for (std::size_t i = 0; i < static_cast<std::size_t>(fault::count); ++i)
        if (draws.chance(550'000)) drawn.fleet.faults.add(static_cast<fault>(i));
    drawn.fleet.fault_every = std::chrono::floor<milliseconds>(draws.around(minutes{4}));
    drawn.fleet.message_trouble = static_cast<std::uint32_t>(draws.below(20'000));
    drawn.span = minutes{draws.between(std::int64_t{20}, std::int64_t{90})};
    return drawn;
}

nanoseconds usual_busy(nanoseconds span) {
    constexpr nanoseconds most = hours{2};
    if (span <= most) return hours{1};
    const auto hours_of_it = span / nanoseconds{hours{1}} + 1;
    return std::max(std::chrono::floor<minutes>(most / hours_of_it), minutes{3});
}

std::string command_of(const scenario& what) {
    const auto ms = [](nanoseconds span) {
        return format_duration(std::chrono::duration_cast<milliseconds>(span));
    };
    std::string text = "holdfast-sim --seed " + std::to_string(what.fleet.seed) + " --nodes " +
                       std::to_string(what.fleet.nodes) + " --for " + ms(what.span) + " --faults " +
                       what.fleet.faults.str() + " --fault-every " + ms(what.fleet.fault_every) +
                       " --message-trouble " + std::to_string(what.fleet.message_trouble) +
                       " --workload ";
    for (const auto& name : what.workloads) text += (text.back() == ' ' ? "" : ",") + name;
    if (what.busy < hours{1}) text += " --busy " + ms(what.busy);
    if (!what.mutant.empty()) text += " --mutant " + what.mutant;
    return text;
}

}  // namespace holdfast::sim
