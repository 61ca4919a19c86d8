// Carrying out a job's work: a function, a command or an HTTP request.
#pragma once

#include "holdfast/schedule.hpp"

#include <stop_token>
#include <string>

namespace holdfast {
class process;
}

namespace holdfast::schedule {

/// How work ended by itself.
struct work_result {
    bool succeeded = false;
    bool overdue = false;   ///< the watcher of a command stopped it at the end of the lease
    std::string exit_code;  ///< a command's, an HTTP status; empty otherwise
    std::string detail;     ///< one line
    std::string output;
};

/// What the keeper of the lease and the work share.
struct run_control {
    steady_time valid_until;  ///< the lease as we believe it
    milliseconds lease;
    std::stop_source stop = {};
    process* command = nullptr;  ///< while a command runs

    void extended(steady_time until);
};

/// What a run tells its command or request about itself.
struct run_facts {
    firing_id firing;
    fencing_token fence;
    unsigned attempt;
    std::string store_url;
};

/// Runs the work to its end. Never throws; cancelled, it ends at once (a command is killed).
task<work_result> do_function(const function_work&, job_context&);
task<work_result> do_command(runtime&, const command_work&, const run_facts&, run_control&);
task<work_result> do_http(runtime&, const http_work&, const run_facts&, run_control&);

}  // namespace holdfast::schedule
