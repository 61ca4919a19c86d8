// Seed after seed.
#include "sim/swarm.hpp"

#include <map>
#include <ostream>

namespace holdfast::sim {
namespace {

const std::map<std::string, std::vector<std::string>>& wanted_marks() {
    static const std::map<std::string, std::vector<std::string>> wanted{
        {"lock",
         {"lock: acquire without a reply", "lock: release without a reply",
          "lock: lease lost while held", "lock: stale write refused", "lock: broken by force"}},
        {"schedule",
         {"schedule: claim without a reply", "schedule: claim repeated after a lost reply",
          "schedule: claim adopted after a crash", "schedule: clocks too far apart",
          "schedule: fire times missed", "schedule: fire times skipped",
          "schedule: gave way to another definition", "schedule: run that somebody asked for",
          "schedule: drained", "schedule: paused", "schedule: tried again after a failure"}},
        {"token",
         {"token: renewal without a reply", "token: logout without a reply",
          "token: renewal raced inside the grace", "token: 503 for a living session",
          "token: outlived a loss"}},
        {"same-token",
         {"same-token: rotation without a reply", "same-token: swapped",
          "same-token: taken in its overlap"}},
        {"rw",
         {"rw: acquire without a reply", "rw: release without a reply", "rw: held together",
          "rw: upgraded", "rw: not upgraded", "rw: downgraded", "rw: a mutex was shared",
          "rw: lost while held"}},
        {"semaphore",
         {"permits: acquire without a reply", "permits: release without a reply",
          "permits: held together", "permits: more than there are", "permits: capacity changed",
          "permits: given back too late", "permits: lost while held"}},
        {"multi",
         {"multi: acquire without a reply", "multi: release without a reply",
          "multi: waited for some of them", "multi: broken on purpose", "multi: lost in part"}},
        {"election",
         {"election: resigned without a reply", "election: leader lost office",
          "election: nobody seen to lead"}},
        {"quorum",
         {"quorum: no reply", "quorum: held by less than all", "quorum: too young to count",
          "quorum: lost while held"}},
        {"recursive",
         {"recursive: acquire without a reply", "recursive: locked again",
          "recursive: refused after a loss"}},
        {"latch",
         {"latch: count without a reply", "latch: counted again", "latch: not in time",
          "latch: forgotten"}},
        {"transfer",
         {"transfer: accepted", "transfer: gave it away", "transfer: asked to give up",
          "transfer: accepted without a reply", "transfer: a turn in a cohort"}},
        {"options",
         {"options: acquire without a reply", "options: release without a reply",
          "options: cooled down", "options: passed over, its time was up",
          "options: passed over, nobody listens", "options: served before one who came earlier",
          "options: taken ahead of those who wait", "options: left to whoever asks first",
          "options: asked to give up", "options: gave up when asked"}},
        {"barrier",
         {"barrier: arrived without a reply", "barrier: passed", "barrier: broke",
          "barrier: left by one who had come"}},
    };
    return wanted;
}

}  // namespace

swarm_result run(const swarm_plan& plan) {
    swarm_result total;
    for (auto seed = plan.first_seed; !plan.time_is_up(); ++seed) {
        auto one = swarm_scenario(seed);
        one.workloads = plan.workloads;
        one.mutant = plan.mutant;
        if (plan.fault_every > nanoseconds{0}) one.fleet.fault_every = plan.fault_every;
        if (plan.faults) one.fleet.faults = *plan.faults;
        const auto found = run(one);
        ++total.runs;
        total.events += found.events;
        const std::chrono::duration<double, std::ratio<86400>> days(
            found.ended_at.time_since_epoch());
        total.fleet_days += days.count();
        for (const auto& [name, count] : found.marks) total.marks[name] += count;
        plan.after_each(total);
        if (!found.good()) total.failed = one;
        if (total.failed || seed == plan.last_seed) break;
    }
    return total;
}

std::vector<std::string> missing_marks(const std::vector<std::string>& workloads,
                                       const mark_counts& reached) {
    std::vector<std::string> missing;
    for (const auto& workload : workloads)
        if (const auto wanted = wanted_marks().find(workload); wanted != wanted_marks().end())
            for (const auto& mark : wanted->second)
                if (!reached.contains(mark)) missing.push_back(mark);
    return missing;
}

}  // namespace holdfast::sim
