// The holdfast program: parses the command line and runs one command.
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/inherited.hpp"
#include "cli/run_words.hpp"

#include <CLI/CLI.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace holdfast::cli;

int report(int code, const std::string& line) {
    std::cerr << "holdfast: " << one_line(line) << '\n';
    return code;
}

// The first word that CLI11 had no use for; the mark of mark_command() is none that was typed.
std::string unused_word(const CLI::App& app) {
    auto words = app.remaining();
    std::erase(words, "--");
    const auto option = std::ranges::find_if(words, [](auto& w) { return w.starts_with('-'); });
    if (option != words.end()) return *option;
    return words.empty() ? "" : words.front();
}

std::string reason_of(const CLI::ParseError& error, const CLI::App& last,
                      const std::string& command) {
    const auto word = unused_word(last);
    const bool wants_another = !last.get_subcommands(nullptr).empty();
    if (word.starts_with('-')) return command + " has no option " + word;
    if (!word.empty() && wants_another) return command + " has no subcommand " + word;
    if (!word.empty()) return command + " has no use for the word " + word;
    const std::string text = error.what();
    if (text.starts_with("--store is required")) return "HOLDFAST_STORE is not set, so " + text;
    return text;
}

// CLI11 explains itself in several lines; the contract is one, with where to read on.
int report_usage(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    std::string command = "holdfast";
    const auto* last = &app;
    for (auto subs = app.get_subcommands(); !subs.empty(); subs = last->get_subcommands()) {
        last = subs.front();
        command += " " + last->get_name();
    }
    return report(exit_code::usage,
                  reason_of(error, *last, command) + "; see " + command + " --help");
}

// Last word first, as CLI11 wants them.
std::vector<std::string> words_of(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    if (!words.empty() && words.front() == "run") words = mark_command(std::move(words));
    std::ranges::reverse(words);
    return words;
}

// A write into a closed pipe is an error and no death. Not ignored: commands that we start would
// inherit that.
void survive_closed_pipes() {
    struct sigaction way{};
    if (sigaction(SIGPIPE, nullptr, &way) != 0 || way.sa_handler == SIG_IGN) return;
    way.sa_handler = [](int) {};
    way.sa_flags = SA_RESTART;
    sigaction(SIGPIPE, &way, nullptr);
}

// What was printed may not have arrived. A reader that has seen enough, as `head`, is no failure.
int after_printing(int code) {
    std::cout.flush();
    if (std::cout) return code;
    pollfd out{STDOUT_FILENO, POLLOUT, 0};
    if (poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0) return code;
    return report(exit_code::internal,
                  "cannot write to standard output; what was printed is not complete; see that it "
                  "is open and has room");
}

int run_program(int argc, char** argv) {
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
        return report_usage(app, error);
    } catch (const command_failure& failure) {
        return report(failure.code(), failure.line());
    } catch (const std::exception& error) {
        return report(exit_code::internal, std::string("internal error: ") + error.what());
    }
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    occupy_standard_streams();
    survive_closed_pipes();
    return after_printing(run_program(argc, argv));
}
