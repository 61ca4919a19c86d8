// `holdfast serve`: the daemon.
#include "cli/command.hpp"
#include "cli/config/config.hpp"
#include "cli/serve/daemon.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace holdfast::cli {
namespace {

struct serve_flags {
    std::string config_file;
    std::string store;
    std::string listen;
    std::string data;
    unsigned threads = 0;
    std::string log_level;
    std::string log_format;
};

void apply_log(const serve_flags& flags, config& to) {
    if (flags.log_level == "debug") to.level = log_level::debug;
    if (flags.log_level == "info") to.level = log_level::info;
    if (flags.log_level == "warn") to.level = log_level::warn;
    if (flags.log_level == "error") to.level = log_level::error;
    if (flags.log_format == "text") to.format = log_format::text;
    if (flags.log_format == "json") to.format = log_format::json;
}

// Flags win over the file.
config settings_of(const serve_flags& flags) {
    auto settings = flags.config_file.empty() ? default_config(flags.data)
                                              : read_config(flags.config_file, flags.data);
    if (!flags.store.empty()) settings.store.url = flags.store;
    if (flags.threads > 0) settings.http.threads = flags.threads;
    if (!flags.listen.empty())
        parse_listen(flags.listen, settings.http, [](const std::string& why) {
            throw command_failure(exit_code::usage, "--listen " + why);
        });
    apply_log(flags, settings);
    return settings;
}

constexpr auto examples = R"(Examples:
  holdfast serve
      one machine, no server needed: the embedded store and a random secret in the data folder
  holdfast serve -c holdfast.yaml --store redis://127.0.0.1:6379/0
      one of a fleet
  kill -HUP PID
      reads the file again: guards, keys, rules and jobs change without dropping a request)";

}  // namespace

void add_serve_command(CLI::App& app, int& exit_code) {
    auto flags = std::make_shared<serve_flags>();
    auto* command =
        app.add_subcommand("serve", "Run the daemon: tokens, jobs and gateway checks over HTTP");
    command->add_option("-c,--config", flags->config_file, "Configuration file (YAML)");
    command
        ->add_option("--store", flags->store,
                     "embedded:DIR, memory:, redis://HOST:PORT/DB or rediss://… (default: embedded "
                     "in the data folder)")
        ->envname("HOLDFAST_STORE");
    command->add_option("--listen", flags->listen,
                        "HOST:PORT (default 127.0.0.1:8440; port 0 picks one)");
    command->add_option("--data", flags->data,
                        "Data folder (default $HOLDFAST_DATA or the user's state folder)");
    command
        ->add_option("--threads", flags->threads,
                     "Threads that serve HTTP (default: one a core, at most 8)")
        ->check(CLI::Range(1u, 256u));
    command->add_option("--log-level", flags->log_level, "debug, info, warn or error")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
    command->add_option("--log-format", flags->log_format, "text or json")
        ->check(CLI::IsMember({"text", "json"}));
    command->footer(examples);
    command->callback([flags, &exit_code] {
        const auto reread = [flags] { return settings_of(*flags); };
        exit_code = run_daemon(reread(), reread);
    });
}

}  // namespace holdfast::cli
