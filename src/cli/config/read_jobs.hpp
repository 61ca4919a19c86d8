// The `jobs:` section of the configuration.
#pragma once

#include "cli/config/config.hpp"

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

namespace holdfast::cli {

/// Reads and checks every job: names are unique, schedules parse, zones exist.
/// Throws command_failure(exit_code::usage) with file and line.
std::vector<job_config> read_jobs(const std::vector<YAML::Node>& nodes, const std::string& file);

}  // namespace holdfast::cli
