// The holdfast program: parses the command line and runs one command.
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/run_words.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace holdfast::cli;

int report(int code, const std::string& line) {
    std::cerr << "holdfast: " << one_line(line) << '\n';
    return code;
}

// The word that stands where the name of a subcommand was wanted; empty when there is none.
std::string word_after(const std::string& command, std::span<char* const> words) {
    const auto at = std::ranges::find(words, command, [](const char* w) { return std::string(w); });
    const auto next = at == words.end() ? at : at + 1;
    return next == words.end() || **next == '-' ? std::string() : *next;
}

// CLI11 explains itself in several lines; the contract is one, with where to read on.
int report_usage(const CLI::App& app, const CLI::ParseError& error, std::span<char* const> words) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    std::string line = error.what();
    std::string command = "holdfast";
    const auto* last = &app;
    for (auto subs = app.get_subcommands(); !subs.empty(); subs = last->get_subcommands()) {
        last = subs.front();
        command += " " + last->get_name();
    }
    const bool wants_another = last != &app && !last->get_subcommands(nullptr).empty();
    if (const auto word = word_after(last->get_name(), words); wants_another && !word.empty())
        line = command + " has no subcommand " + word;
    return report(exit_code::usage, line + "; see " + command + " --help");
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
        footer_with("holdfast serve\n"
                    "holdfast run nightly --store redis://127.0.0.1:6379/0 -- ./backup.sh\n"
                    "holdfast lock --help"));
    int code = exit_code::internal;
    for (const auto add : all_commands) add(app, code);
    try {
        app.parse(words_of(argc, argv));
        if (app.get_subcommands().empty())
            return report(exit_code::usage, "no command given; see holdfast --help");
    } catch (const CLI::ParseError& error) {
        return report_usage(app, error, {argv, static_cast<std::size_t>(argc)});
    } catch (const command_failure& failure) {
        return report(failure.code(), failure.line());
    } catch (const std::exception& error) {
        return report(exit_code::internal, std::string("internal error: ") + error.what());
    }
    return code;
}
