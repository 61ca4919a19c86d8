// `holdfast run`: one command under a lock of the fleet.
#include "base/duration.hpp"
#include "cli/command.hpp"
#include "cli/locked_run.hpp"
#include "lock/acquire.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdlib>
#include <memory>
#include <optional>

namespace holdfast::cli {
namespace {

constexpr milliseconds shortest_ttl{100};
constexpr double longest_wait_s = 100.0 * 366 * 86400;

struct run_flags {
    std::string name;
    std::string ttl = "30s";
    std::optional<std::string> wait;
    bool no_wait = false;
    bool verbose = false;
    bool exclusive = true;
    bool shared = false;
    bool closes = false;
    bool no_fork = false;
    bool unlock = false;
    std::string conflict_exit_code = std::to_string(exit_code::no);
    std::string on_lost = "term";
    std::string store;
    std::optional<std::string> shell_line;
    std::vector<std::string> command;
};

[[noreturn]] void refuse(std::string line) {
    throw command_failure(exit_code::usage, std::move(line));
}

// As everywhere, and as flock(1) has it: seconds with a fraction.
milliseconds read_span(const std::string& flag, const std::string& text) {
    if (const auto span = parse_duration(text)) return *span;
    double in_seconds = -1;
    const auto end = text.data() + text.size() - (text.ends_with('s') ? 1 : 0);
    const auto read = std::from_chars(text.data(), end, in_seconds, std::chars_format::fixed);
    if (read.ptr != end || read.ec != std::errc() || !(in_seconds >= 0) ||
        in_seconds > longest_wait_s)
        refuse(flag + " " + text + " is not a span; write 1.5, 30s, 500ms, 2m or 1h30m");
    return milliseconds{static_cast<std::int64_t>(in_seconds * 1000)};
}

// Decimal alone, as flock(1) has it: 010 is ten.
int read_exit_code(const std::string& text) {
    unsigned char code = 0;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, code);
    if (read.ptr != end || read.ec != std::errc())
        refuse("--conflict-exit-code " + text + " is not an exit code; write 0 to 255");
    return code;
}

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::vector<std::string> command_of(const run_flags& flags) {
    if (!flags.shell_line) {
        if (flags.command.empty()) refuse("no command given; write it after the name, or with -c");
        if (flags.command.front().empty())
            refuse("the command is an empty word; write a program after the name");
        return flags.command;
    }
    if (!flags.command.empty())
        refuse("both -c and a command given; write one of them: -c takes the whole line");
    const auto shell = from_environment("SHELL");
    return {shell.empty() ? "/bin/sh" : shell, "-c", *flags.shell_line};
}

on_lost read_on_lost(const std::string& text) {
    if (text == "term") return on_lost::term;
    if (text == "kill") return on_lost::kill;
    if (text == "ignore") return on_lost::ignore;
    refuse("--on-lost " + text + " is not known; write term, kill or ignore");
}

// What flock(1) can do with a descriptor, and nobody with a lease.
void refuse_the_impossible(const run_flags& flags) {
    if (flags.no_fork)
        refuse(
            "-F is not possible; the lock is a lease that has to be extended while the command "
            "runs; leave -F out");
    if (flags.unlock)
        refuse(
            "-u is not possible; a lock is given back when its command ends; to take it away "
            "use holdfast lock break");
}

constexpr std::size_t longest_agent = 256;

std::string outer_agent() {
    const std::string agent = from_environment("HOLDFAST_AGENT");
    if (agent.size() > longest_agent || !is_one_word(agent))
        refuse(
            "HOLDFAST_AGENT in the environment is not a name; it has blanks, bars or more than 256 "
            "characters; leave it as the outer holdfast run set it, or unset it");
    return agent;
}

// Nothing depends on it: one that nobody can read is none.
std::string trace_of_caller() {
    const std::string trace = from_environment("TRACEPARENT");
    return is_trace(trace) ? trace : std::string();
}

locked_run_options check(const run_flags& flags) {
    refuse_the_impossible(flags);
    const auto name = lock_name::parse(flags.name);
    if (!name)
        refuse(
            "the lock name is not allowed; it is empty, longer than 512 bytes, or has control "
            "characters or odd braces; choose another");
    const auto ttl = lease_ttl::parse(read_span("--ttl", flags.ttl));
    if (!ttl || ttl->span() < shortest_ttl)
        refuse("--ttl " + flags.ttl + " is out of range; 100ms to 24h are allowed");
    locked_run_options options{*name, *ttl, command_of(flags), flags.store};
    if (flags.no_wait) options.wait = milliseconds{0};
    if (flags.wait) options.wait = read_span("--wait", *flags.wait);
    options.conflict_exit_code = read_exit_code(flags.conflict_exit_code);
    options.shared = flags.shared;
    options.lost = read_on_lost(flags.on_lost);
    options.verbose = flags.verbose;
    options.agent = outer_agent();
    options.trace = trace_of_caller();
    return options;
}

constexpr const char* footer =
    "Options are those of flock(1) where it has them. The command runs in a process group of its\n"
    "own and gets HOLDFAST_LOCK, HOLDFAST_FENCE, HOLDFAST_STORE and HOLDFAST_AGENT, by which a "
    "run\n"
    "inside a run is known for the same piece of work. Signals are passed on to it,\n"
    "its exit code is passed back, 128 + n for signal n; while waiting a signal leaves the queue\n"
    "at once. When the lease is lost the group gets SIGTERM, then SIGKILL before the lease ends\n"
    "(also if holdfast itself was killed), and the exit code is 75; --on-lost changes that.\n"
    "Ctrl-Z stops the command and holdfast, and fg and bg continue both. A stopped holdfast does\n"
    "not extend the lease: after the ttl the command is told to stop and killed all the same.\n"
    "What is left of the group when the command ends is killed. A process that starts a session\n"
    "of its own (setsid) escapes this. 127: command not found, 126: not executable.\n"
    "\n"
    "Examples: one backup, whichever host comes first; many readers while nobody loads:\n"
    "  holdfast run nightly --no-wait -- ./backup.sh\n"
    "  holdfast run -s data -- ./report        holdfast run -x data -- ./load";

void add_flags(CLI::App& run, run_flags& flags) {
    run.add_option("NAME", flags.name, "The lock")->required();
    run.add_option("COMMAND", flags.command, "What to run, with its arguments");
    // The last one counts, as from getopt(3): an alias has its own and is given another.
    const auto value = [&](const char* names, auto& into, const char* what) {
        return run.add_option(names, into, what)->take_last();
    };
    value("-c,--command", flags.shell_line, "Run this line with $SHELL -c instead");
    value("--ttl", flags.ttl, "How long a crash keeps the others out (default 30s)");
    auto* wait = value("-w,--wait,--timeout", flags.wait,
                       "Give up after so long: 10, 1.5, 2m (default: never)");
    run.add_flag("-n,--no-wait,--nb,--nonblock,--nonblocking", flags.no_wait,
                 "Give up at once if somebody has the lock")
        ->excludes(wait);
    value("-E,--conflict-exit-code", flags.conflict_exit_code,
          "Exit code when the lock was not to be had: 0 to 255 (default 1)");
    value("--on-lost", flags.on_lost,
          "What the command gets when the lease is lost: term (TERM, then KILL), kill or ignore "
          "(it runs on; for work that presents its fence)");
    auto* exclusive =
        run.add_flag("-x,-e,--exclusive", flags.exclusive, "One at a time: the default");
    run.add_flag("-s,--shared", flags.shared,
                 "Beside other shared ones, never beside an exclusive one")
        ->excludes(exclusive);
    run.add_flag("-o,--close", flags.closes,
                 "Accepted for scripts written for flock(1): the command never has the lock's "
                 "descriptors");
    run.add_flag("-F,--no-fork", flags.no_fork, "Refused: the lease must be extended meanwhile");
    run.add_flag("-u,--unlock", flags.unlock, "Refused: see holdfast lock break");
    run.add_flag("--verbose", flags.verbose,
                 "Say on standard error who has it and how long it took");
    add_store_option(run, flags.store);
}

}  // namespace

void add_run_command(CLI::App& app, int& exit_code) {
    auto* run = app.add_subcommand("run", "Run a command while holding a lock of the fleet");
    auto flags = std::make_shared<run_flags>();
    add_flags(*run, *flags);
    run->footer(footer);
    run->callback([flags, &exit_code] { exit_code = locked_run(check(*flags)); });
}

}  // namespace holdfast::cli
