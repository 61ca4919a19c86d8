// `holdfast run`: one command under a lock of the fleet.
#include "base/duration.hpp"
#include "cli/command.hpp"
#include "cli/locked_run.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace holdfast::cli {
namespace {

constexpr milliseconds shortest_ttl{100};

struct run_flags {
    std::string name;
    std::string ttl = "30s";
    std::string wait;
    bool no_wait = false;
    int conflict_exit_code = exit_code::no;
    std::string store;
    std::vector<std::string> command;
};

[[noreturn]] void refuse(std::string line) {
    throw command_failure(exit_code::usage, std::move(line));
}

milliseconds read_span(const std::string& flag, const std::string& text) {
    const auto span = parse_duration(text);
    if (!span) refuse(flag + " " + text + " is not a span; write 30s, 500ms, 2m or 1h30m");
    return *span;
}

locked_run_options check(const run_flags& flags) {
    const auto name = lock_name::parse(flags.name);
    if (!name)
        refuse(
            "the lock name is not allowed; it is empty, longer than 512 bytes, or has control "
            "characters or odd braces; choose another");
    const auto ttl = lease_ttl::parse(read_span("--ttl", flags.ttl));
    if (!ttl || ttl->span() < shortest_ttl)
        refuse("--ttl " + flags.ttl + " is out of range; 100ms to 24h are allowed");
    locked_run_options options{*name, *ttl, flags.command, flags.store};
    if (flags.no_wait) options.wait = milliseconds{0};
    if (!flags.wait.empty()) options.wait = read_span("--wait", flags.wait);
    options.conflict_exit_code = flags.conflict_exit_code;
    return options;
}

}  // namespace

void add_run_command(CLI::App& app, int& exit_code) {
    auto* run = app.add_subcommand("run", "Run a command while holding a lock of the fleet");
    auto flags = std::make_shared<run_flags>();
    run->add_option("NAME", flags->name, "The lock")->required();
    run->add_option("COMMAND", flags->command, "What to run, after --")->required();
    run->add_option("--ttl", flags->ttl, "How long a crash keeps the others out (default 30s)");
    auto* wait = run->add_option("--wait", flags->wait, "Give up after so long (default: never)");
    run->add_flag("--no-wait", flags->no_wait, "Give up at once if somebody has the lock")
        ->excludes(wait);
    run->add_option("--conflict-exit-code", flags->conflict_exit_code,
                    "Exit code when the lock was not to be had (default 1)")
        ->check(CLI::Range(0, 255));
    add_store_option(*run, flags->store);
    run->footer(
        "The command runs in a process group of its own and gets HOLDFAST_LOCK, HOLDFAST_FENCE "
        "and\n"
        "HOLDFAST_STORE. Its exit code is passed on, 128 + n for signal n. When the lease is lost\n"
        "the group gets SIGTERM, then SIGKILL before the lease ends, and the exit code is 75.\n"
        "What is left of the group when the command ends is killed. A process that starts a "
        "session\n"
        "of its own (setsid) escapes this. 127: command not found, 126: not executable.");
    run->callback([flags, &exit_code] { exit_code = locked_run(check(*flags)); });
}

}  // namespace holdfast::cli
