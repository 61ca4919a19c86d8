// Errors of the library as exit codes and one-line messages.
#include "cli/command.hpp"

namespace holdfast::cli {

int exit_code_of(const error_code& ec) noexcept {
    if (!ec) return exit_code::done;
    if (ec == condition::denied) return exit_code::no;
    if (ec == condition::retry || ec == condition::unknown) return exit_code::unavailable;
    switch (errc_of(ec)) {
        case errc::invalid_argument:
        case errc::invalid_configuration: return exit_code::usage;
        case errc::permission_denied:
        case errc::unsupported_server:
        case errc::out_of_memory:
        case errc::folder_in_use: return exit_code::unavailable;
        case errc::timed_out: return exit_code::no;
        default: return exit_code::internal;
    }
}

void fail(const error_code& ec, std::string_view what, std::string_view advice) {
    std::string line(what);
    line.append(": ").append(ec.message());
    if (!advice.empty()) line.append("; ").append(advice);
    throw command_failure(exit_code_of(ec), std::move(line));
}

}  // namespace holdfast::cli
