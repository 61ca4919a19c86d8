// Acquire, run, keep alive, stop in time, release: what `holdfast run` does.
#pragma once

#include "cli/store_session.hpp"
#include "holdfast/ids.hpp"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::cli {

/// What becomes of the command when its lease is lost.
enum class on_lost {
    term,    ///< SIGTERM, then SIGKILL, both before the lease ends
    kill,    ///< SIGKILL just before the lease ends
    ignore,  ///< it runs on: for work whose writes present HOLDFAST_FENCE to a checking resource
};

struct locked_run_options {
    lock_name name;
    lease_ttl ttl;
    std::vector<std::string> command;
    std::string store;
    std::optional<milliseconds> wait = {};  ///< none: for ever; 0: not at all
    int conflict_exit_code = exit_code::no;
    bool shared = false;  ///< beside other shared ones
    on_lost lost = on_lost::term;
    bool verbose = false;
    std::string agent = {};             ///< of a run inside a run: the outer one, in full
    std::string trace = {};             ///< acquire_options::trace
    std::vector<int> descriptors = {};  ///< what the command inherits, as from flock(1)
};

/// The exit code of `holdfast run`. Throws command_failure. Called before any descriptor is opened.
int locked_run(locked_run_options options);

}  // namespace holdfast::cli
