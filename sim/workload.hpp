// What clients of one room do in a simulation, and who checks that the room kept its promises.
#pragma once

#include "sim/referee.hpp"
#include "sim/world/fleet.hpp"

#include <memory>
#include <string_view>

namespace holdfast::sim {

/// Checks compare the store's data, the journal and what clients were told with each other. They
/// never ask the room whether it is right.
class workload {
public:
    virtual ~workload() = default;

    /// The clients of one incarnation. Started on every node, again after each crash.
    virtual task<void> run(process& self) = 0;
    virtual void on_event(const process&, const event&) {}
    /// Right after a script was executed.
    virtual void on_script(const executed&) {}
    virtual void on_unknown(const process&, std::string_view) {}
    /// The store has just forgotten its last writes, or all.
    virtual void on_loss() {}
    /// No fault is left: from now on progress is owed.
    virtual void healed() {}
    /// How long after healing progress may take at most, and whether all that is owed has been
    /// made before. The run goes on until each workload is content, or its time is over.
    virtual nanoseconds owed_within() const { return minutes{15}; }
    virtual bool content() const { return false; }
    /// The end of a run.
    virtual void finish() {}

protected:
    workload(simulation::fleet& of, referee& to) : home(of), judge(to) {}

    steady_time now() const noexcept { return home.space.now(); }
    /// Whether the process still exists.
    bool alive(const process& who) const;
    node& host_of(const process& who) const;
    /// For clients that are about to do something: returns when the fleet is not quiet.
    task<void> until_busy(process& self) const;

    simulation::fleet& home;
    referee& judge;
};

std::unique_ptr<workload> make_lock_workload(simulation::fleet& of, referee& to, random draws);
std::unique_ptr<workload> make_schedule_workload(simulation::fleet& of, referee& to, random draws);
std::unique_ptr<workload> make_token_workload(simulation::fleet& of, referee& to, random draws);
std::unique_ptr<workload> make_same_token_workload(simulation::fleet& of, referee& to,
                                                   random draws);
std::unique_ptr<workload> make_rw_workload(simulation::fleet& of, referee& to, random draws);
std::unique_ptr<workload> make_semaphore_workload(simulation::fleet& of, referee& to, random draws);
std::unique_ptr<workload> make_multi_workload(simulation::fleet& of, referee& to, random draws);
std::unique_ptr<workload> make_election_workload(simulation::fleet& of, referee& to, random draws);
std::unique_ptr<workload> make_recursive_workload(simulation::fleet& of, referee& to, random draws);
std::unique_ptr<workload> make_latch_workload(simulation::fleet& of, referee& to, random draws);
std::unique_ptr<workload> make_barrier_workload(simulation::fleet& of, referee& to, random draws);
std::unique_ptr<workload> make_transfer_workload(simulation::fleet& of, referee& to, random draws);
std::unique_ptr<workload> make_options_workload(simulation::fleet& of, referee& to, random draws);
std::unique_ptr<workload> make_quorum_workload(simulation::fleet& of, referee& to, random draws);

}  // namespace holdfast::sim
