// The daemon: shards that serve, one control thread for jobs and signals, an orderly end.
#pragma once

#include "cli/config/config.hpp"

#include <functional>

namespace holdfast::cli {

/// Serves until SIGTERM or SIGINT, then drains within `shutdown_grace` and returns the exit code. A
/// second signal ends the process at once. SIGHUP calls `reread` and takes over guards, keys, rules
/// and jobs; when it throws command_failure the old settings stay and the reason is logged.
/// Throws command_failure when it cannot start.
int run_daemon(config settings, const std::function<config()>& reread);

}  // namespace holdfast::cli
