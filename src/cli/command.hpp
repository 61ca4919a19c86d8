// What every command of the command line shares: exit codes, the one-line error, registration.
#pragma once

#include "holdfast/error.hpp"

#include <boost/system/system_error.hpp>

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace holdfast::cli {

/// Exit codes are a contract: scripts depend on them.
struct exit_code {
    static constexpr int done = 0;
    static constexpr int no = 1;  ///< the answer is no: busy, invalid, not found
    static constexpr int usage = 2;
    static constexpr int internal = 70;     ///< EX_SOFTWARE
    static constexpr int unavailable = 75;  ///< EX_TEMPFAIL: the store cannot be reached, try again
};

/// Ends a command with an exit code and one line on standard error: what, why, what to do.
/// Thrown by commands, caught by main alone.
class command_failure {
public:
    command_failure(int code, std::string line) : code_(code), line_(std::move(line)) {}
    int code() const noexcept { return code_; }
    const std::string& line() const noexcept { return line_; }

private:
    int code_;
    std::string line_;
};

/// The exit code that an error of the library means for a command.
int exit_code_of(const error_code& ec) noexcept;

/// A failure whose exit code follows from the error: "<what>: <message>; <advice>".
[[noreturn]] void fail(const error_code& ec, std::string_view what, std::string_view advice);

/// What a system_error was thrown with, without the general words of its code.
std::string said_by(const boost::system::system_error& error);

/// The text with control characters as '?': what people typed, in one line of output.
std::string one_line(std::string text);

/// What --help ends with: the examples, one a line, and the exit codes.
std::string footer_with(std::string_view examples);

/// Each command adds its subcommand to the app; its callback runs the command and stores the exit
/// code.
using register_command = void (*)(CLI::App& app, int& exit_code);

void add_token_command(CLI::App& app, int& exit_code);
void add_jws_command(CLI::App& app, int& exit_code);
void add_serve_command(CLI::App& app, int& exit_code);
void add_cron_command(CLI::App& app, int& exit_code);
void add_job_command(CLI::App& app, int& exit_code);
void add_run_command(CLI::App& app, int& exit_code);
void add_lock_command(CLI::App& app, int& exit_code);
void add_doctor_command(CLI::App& app, int& exit_code);
void add_user_command(CLI::App& app, int& exit_code);
void add_version_command(CLI::App& app, int& exit_code);

}  // namespace holdfast::cli
