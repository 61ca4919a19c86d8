// Jobs as the configuration describes them.
#pragma once

#include "cli/config/config.hpp"
#include "holdfast/same_token.hpp"
#include "holdfast/schedule.hpp"

#include <vector>

namespace holdfast::cli {

/// The job that rotates the Same-Token, when the configuration has none that does.
job_config default_rotation(const same_token_config& same);

/// `rotate` outlives every run of the jobs.
std::vector<job_spec> make_jobs(const config& from, same_token_service& rotate);

}  // namespace holdfast::cli
