// Errors of the library as exit codes and one-line messages.
#include "cli/command.hpp"

#include <algorithm>

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

std::string said_by(const boost::system::system_error& error) {
    const std::string whole = error.what();
    const auto general = ": " + error.code().what();
    return whole.ends_with(general) ? whole.substr(0, whole.size() - general.size()) : whole;
}

std::string one_line(std::string text) {
    for (auto& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return text;
}

std::string footer_with(std::string_view examples) {
    std::string text = "Examples:\n";
    while (!examples.empty()) {
        const auto end = std::min(examples.find('\n'), examples.size());
        text.append("  ").append(examples.substr(0, end)).append("\n");
        examples.remove_prefix(std::min(end + 1, examples.size()));
    }
    return text +
           "Exit codes: 0 done, 1 the answer is no, 2 usage, 75 store unavailable, 70 internal.";
}

}  // namespace holdfast::cli
