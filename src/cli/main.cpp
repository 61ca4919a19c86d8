// The holdfast program: parses the command line and runs one command.
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/run_words.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace holdfast::cli;

int report(int code, std::string_view line) {
    std::cerr << "holdfast: " << line << '\n';
    return code;
}

// CLI11 explains itself in several lines; the contract is one, with where to read on.
int report_usage(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    std::string line = error.what();
    for (auto& c : line)
        if (c == '\n') c = ' ';
    std::string command;
    for (const auto* sub : app.get_subcommands()) command = " " + sub->get_name();
    return report(exit_code::usage, line + "; see holdfast" + command + " --help");
}

// Last word first, as CLI11 wants them.
std::vector<std::string> words_of(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    if (!words.empty() && words.front() == "run") words = mark_command(std::move(words));
    std::ranges::reverse(words);
    return words;
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App app("Locks, tokens and schedules that a fleet of services agrees on through Redis.",
                 "holdfast");
    app.set_version_flag("--version", std::string("holdfast ") + HOLDFAST_VERSION);
    app.footer(
        "Exit codes: 0 done, 1 the answer is no, 2 usage, 75 store unavailable, 70 internal.");
    int code = exit_code::internal;
    for (const auto add : all_commands) add(app, code);
    try {
        app.parse(words_of(argc, argv));
        if (app.get_subcommands().empty())
            return report(exit_code::usage, "no command given; see holdfast --help");
    } catch (const CLI::ParseError& error) {
        return report_usage(app, error);
    } catch (const command_failure& failure) {
        return report(failure.code(), failure.line());
    } catch (const std::exception& error) {
        return report(exit_code::internal, std::string("internal error: ") + error.what());
    }
    return code;
}
