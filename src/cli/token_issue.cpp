// `holdfast token issue` and `revoke`: sessions by hand, with the daemon's guards, keys and store.
#include "cli/token_issue.hpp"

#include "base/write_json.hpp"
#include "cli/data_folder.hpp"
#include "cli/serve/make_guards.hpp"
#include "cli/serve/signing_keys.hpp"
#include "cli/store_session.hpp"
#include "token/auth_service.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace holdfast::cli {
namespace {

struct token_flags {
    std::string config_file;
    std::string store;
    std::string guard;
    std::string user;
    std::string token;
    bool json = false;
};

config settings_of(const token_flags& flags) {
    auto settings = flags.config_file.empty() ? default_config() : read_config(flags.config_file);
    if (!flags.store.empty()) settings.store.url = flags.store;
    if (settings.store.url.empty() || uses_local_secret(settings))
        make_data_folder(settings.data_folder);
    if (settings.store.url.empty())
        settings.store.url = "embedded:" + settings.data_folder + "/store";
    return settings;
}

store_settings place_of(const config& settings) {
    return {.url = settings.store.url,
            .prefix = settings.store.prefix,
            .call_timeout = settings.store.call_timeout,
            .fsync_always = settings.store.fsync_always};
}

/// The daemon's authentication without the daemon. The members end in the reverse order: the desk's
/// threads before the context they answer to.
class auth_session {
public:
    explicit auth_session(const token_flags& flags)
        : settings_(settings_of(flags)),
          place_(place_of(settings_)),
          guards_(make_guards(settings_, load_signing_keys(settings_, place_.runtime),
                              std::make_shared<user_desk>(user_desk::options{}))) {}

    guard_name guard(const token_flags& flags) const {
        const auto& wanted = flags.guard.empty() ? settings_.guards.front().name : flags.guard;
        const auto name = guard_name::parse(wanted);
        if (!name || guards_->find(*name) == nullptr)
            throw command_failure(exit_code::usage, "no guard \"" + wanted +
                                                        "\" is configured; see guards: in the "
                                                        "configuration");
        return *name;
    }

    template <class Work>
    int run(Work& work) {
        return place_.run(connected(work));
    }

private:
    template <class Work>
    task<int> connected(Work& work) {
        co_await place_.connect();
        auth_service service(place_.runtime, *place_.state, null_journal(), guards_, {});
        const int code = co_await work(service);
        co_await place_.state->close();
        co_return code;
    }

    config settings_;
    store_session place_;
    std::shared_ptr<const guard_set> guards_;
};

user_id user_of(const token_flags& flags) {
    const auto id = user_id::parse(flags.user);
    if (!id)
        throw command_failure(exit_code::usage,
                              "\"" + flags.user + "\" cannot be a user id; see holdfast user ls");
    return *id;
}

int issue(const token_flags& flags) {
    const auto user = user_of(flags);
    auth_session here(flags);
    const auto guard = here.guard(flags);
    auto work = [&](auth_service& service) -> task<int> {
        const auto token = co_await service.issue(guard, user);
        if (!token) fail(token.error(), "user " + user.str(), "see holdfast user ls");
        if (flags.json)
            std::cout << "{\"access_token\":" << json_quote(token->access_token)
                      << ",\"expires_in\":" << token->expires_in.count()
                      << ",\"token_type\":\"bearer\"}\n";
        else
            std::cout << token->access_token << '\n';
        co_return exit_code::done;
    };
    return here.run(work);
}

// From standard input a token stays out of the process list.
std::string token_of(const token_flags& flags) {
    if (flags.token != "-") return flags.token;
    std::string line;
    std::getline(std::cin, line);
    return line;
}

int revoke(const token_flags& flags) {
    if (flags.user.empty() == flags.token.empty())
        throw command_failure(exit_code::usage,
                              "give either a token or --user ID; see holdfast token revoke --help");
    auth_session here(flags);
    if (!flags.user.empty()) {
        const auto user = user_of(flags);
        const auto guard = here.guard(flags);
        auto work = [&](auth_service& service) -> task<int> {
            const auto done = co_await service.logout_all(guard, user, logout_reach::store);
            if (!done) fail(done.error(), "user " + user.str(), "nothing was revoked; try again");
            std::cout << "ended every session of user " << user.str() << '\n';
            co_return exit_code::done;
        };
        return here.run(work);
    }
    auto work = [token = token_of(flags)](auth_service& service) -> task<int> {
        const auto known = co_await service.introspect(token);
        if (!known) fail(known.error(), "the token", "nothing was revoked; try again");
        const auto done = co_await service.revoke(token);
        if (!done) fail(done.error(), "the token", "repeat the command: it may have been revoked");
        if (!*known)
            throw command_failure(exit_code::no,
                                  "the token was not in force; nothing is accepted for it");
        std::cout << "ended the session of the token\n";
        co_return exit_code::done;
    };
    return here.run(work);
}

void add_place(CLI::App& command, token_flags& flags) {
    command.add_option("-c,--config", flags.config_file, "Configuration file of the daemon");
    command.add_option("--store", flags.store, "The fleet's store, instead of the configured one")
        ->envname("HOLDFAST_STORE");
    command.add_option("--guard", flags.guard, "Which guard (default: the first)");
}

}  // namespace

void add_token_issue(CLI::App& token, int& exit_code) {
    auto* command = token.add_subcommand("issue", "Open a session for a user and print its token");
    const auto flags = std::make_shared<token_flags>();
    add_place(*command, *flags);
    command->add_option("--user", flags->user, "The user's id (holdfast user ls)")->required();
    command->add_flag("--json", flags->json, "Print one JSON object");
    command->footer(
        footer_with("holdfast token issue -c holdfast.yaml --user 1\n"
                    "holdfast token issue --guard admin --user 1 --json"));
    command->callback([flags, &exit_code] { exit_code = issue(*flags); });
}

void add_token_revoke(CLI::App& token, int& exit_code) {
    auto* command = token.add_subcommand("revoke", "End a token's session, or all of a user's");
    const auto flags = std::make_shared<token_flags>();
    add_place(*command, *flags);
    command->add_option("token", flags->token, "The token; - reads it from standard input");
    command->add_option("--user", flags->user, "End every session of this user id instead");
    command->footer(
        footer_with("holdfast token revoke -c holdfast.yaml \"$TOKEN\"\n"
                    "holdfast token revoke -c holdfast.yaml - < token.txt\n"
                    "holdfast token revoke -c holdfast.yaml --user 1"));
    command->callback([flags, &exit_code] { exit_code = revoke(*flags); });
}

}  // namespace holdfast::cli
