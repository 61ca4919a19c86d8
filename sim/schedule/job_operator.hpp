// Somebody at a desk: asks for runs out of turn, pauses jobs and lets them go on.
#pragma once

#include "sim/schedule/schedule_checker.hpp"
#include "sim/workload.hpp"

#include <string>
#include <utility>
#include <vector>

namespace holdfast::sim {

class job_operator {
public:
    job_operator(simulation::fleet& of, referee& to, schedule_checker& told,
                 std::vector<std::string> jobs, random draws)
        : home_(of), judge_(to), checker_(told), jobs_(std::move(jobs)), draws_(draws) {}

    /// For as long as the process lives.
    task<void> ask_for_runs(process& self);
    /// On one node. Once the fleet is healed nothing stays paused.
    task<void> pause_and_resume(process& self);

private:
    const std::string& any_job() { return jobs_[draws_.below(jobs_.size())]; }
    task<void> set_paused(process& self, std::string job, std::string by);
    task<void> resume_all(process& self);

    simulation::fleet& home_;
    referee& judge_;
    schedule_checker& checker_;
    std::vector<std::string> jobs_;
    random draws_;
};

}  // namespace holdfast::sim
