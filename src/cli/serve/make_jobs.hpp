// Jobs as the configuration describes them.
#pragma once

#include "cli/config/config.hpp"
#include "holdfast/schedule.hpp"

#include <functional>
#include <vector>

namespace holdfast::cli {

/// The job that rotates the Same-Token, when the configuration has none that does.
job_config default_rotation(const same_token_config& same);

/// Rotates the Same-Token once.
using rotate_call = std::function<task<result<void>>(job_context&)>;

/// Throws command_failure "FILE:LINE: …" at the first job that cannot be.
std::vector<job_spec> make_jobs(const config& from, const rotate_call& rotate);

}  // namespace holdfast::cli
