// Whether a Redis is fit for locks, tokens and schedules. Pure.
#pragma once

#include "cli/doctor/finding.hpp"
#include "store/redis/server_survey.hpp"

namespace holdfast::cli {

/// One finding a subject, in order of importance. Precondition: no problem in the survey.
findings judge_server(const server_survey& seen);

}  // namespace holdfast::cli
