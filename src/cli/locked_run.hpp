// Acquire, run, keep alive, stop in time, release: what `holdfast run` does.
#pragma once

#include "cli/store_session.hpp"
#include "holdfast/ids.hpp"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::cli {

struct locked_run_options {
    lock_name name;
    lease_ttl ttl;
    std::vector<std::string> command;
    std::string store;
    std::optional<milliseconds> wait = {};  ///< none: for ever; 0: not at all
    int conflict_exit_code = exit_code::no;
};

/// The exit code of `holdfast run`. Throws command_failure.
int locked_run(locked_run_options options);

}  // namespace holdfast::cli
