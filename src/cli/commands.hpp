// The list of all commands, in the order --help shows them.
#pragma once

#include "cli/command.hpp"

#include <array>

namespace holdfast::cli {

inline constexpr std::array<register_command, 10> all_commands{
    add_serve_command,
    add_run_command,
    add_lock_command,
    add_token_command,
    add_jws_command,
    add_cron_command,
    add_job_command,
    add_user_command,
    add_doctor_command,
    add_version_command,
};

}  // namespace holdfast::cli
