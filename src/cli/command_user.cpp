// `holdfast user`: the users of a guard, in their SQLite table.
#include "base/utf8.hpp"
#include "base/write_json.hpp"
#include "cli/command.hpp"
#include "cli/config/config.hpp"
#include "cli/data_folder.hpp"
#include "cli/read_password.hpp"
#include "runtime/asio_runtime.hpp"
#include "token/users/password.hpp"
#include "token/users/sqlite_users.hpp"

#include <CLI/CLI.hpp>

#include <ctime>
#include <filesystem>
#include <iostream>
#include <memory>

namespace holdfast::cli {
namespace {

struct user_flags {
    std::string config_file;
    std::string database;
    std::string table;
    std::string guard;
    std::string account;
    std::string name;
    std::string password_file;
    bool enable = false;
    bool json = false;
};

/// A command line's clock and entropy.
struct machine {
    boost::asio::io_context context;
    asio_runtime runtime{context};
};

[[noreturn]] void refuse(const std::string& line) { throw command_failure(exit_code::usage, line); }

const guard_config& guard_of(const config& settings, const std::string& wanted) {
    for (const auto& guard : settings.guards)
        if (wanted.empty() || guard.name == wanted) return guard;
    refuse("no guard \"" + wanted + "\" is configured; see guards: in the configuration");
}

/// Where the users are: --db, or the table of a configured guard.
struct user_place {
    std::string file;
    std::string table = "users";
    std::string folder;  ///< to be made with the first user; empty: it has to be there
};

user_place place_of(const user_flags& flags) {
    user_place place;
    place.file = flags.database;
    if (place.file.empty()) {
        const auto settings =
            flags.config_file.empty() ? default_config() : read_config(flags.config_file);
        const auto& guard = guard_of(settings, flags.guard);
        place = {guard.location, guard.table,
                 std::filesystem::path(guard.location).parent_path().string()};
    }
    if (!flags.table.empty()) place.table = flags.table;
    return place;
}

std::unique_ptr<sqlite_users> open_table(const user_place& place) {
    const auto table = table_name::parse(place.table);
    if (!table) refuse("\"" + place.table + "\" cannot be a table; letters, digits and _ can");
    try {
        return std::make_unique<sqlite_users>(place.file, *table);
    } catch (const boost::system::system_error& error) {
        refuse(said_by(error) + "; check --db or guards: in the configuration");
    }
}

/// Before a daemon has run there is no table: the first user may come first.
std::unique_ptr<sqlite_users> open_or_make_table(const user_flags& flags) {
    const auto place = place_of(flags);
    if (!place.folder.empty()) make_data_folder(place.folder);
    return open_table(place);
}

std::unique_ptr<sqlite_users> open_existing_table(const user_flags& flags) {
    const auto place = place_of(flags);
    if (!std::filesystem::exists(place.file))
        throw command_failure(exit_code::no,
                              "there is no user database " + place.file +
                                  "; holdfast user add makes it with the first user");
    return open_table(place);
}

account_name account_of(const user_flags& flags) {
    auto account = account_name::parse(flags.account);
    if (!account)
        refuse("\"" + flags.account +
               "\" cannot be an account; 1 to 64 bytes of UTF-8 without control "
               "characters, no "
               "blank at either end");
    return *account;
}

user_record existing(sqlite_users& table, const account_name& account) {
    auto found = table.find_credentials(account);
    if (!found) fail(found.error(), "user " + account.str(), "see holdfast user ls");
    return std::move(found->user);
}

password_hash hash_of(machine& here, const secret_text& password) {
    const password_rule rule;
    if (!rule.check(password))
        refuse("the password has to have " + std::to_string(rule.least) + " to " +
               std::to_string(rule.most) + " bytes, none of them NUL");
    password_salt salt;
    here.runtime.fill_random(salt);
    auto hashed = password_hasher().hash(password, salt);
    if (!hashed) fail(hashed.error(), "hashing the password", "");
    return std::move(*hashed);
}

int add_user(const user_flags& flags) {
    constexpr std::size_t longest_name = 256;
    const auto account = account_of(flags);
    if (flags.name.size() > longest_name || flags.name != one_line(flags.name) ||
        !is_utf8(flags.name))
        refuse("--name has to be at most 256 bytes of UTF-8 without control characters");
    const auto table = open_or_make_table(flags);
    machine here;
    const auto hash = hash_of(here, read_password(flags.password_file));
    const auto added = table->add(new_user(account, flags.name, hash, here.runtime.wall_now()));
    if (!added)
        fail(added.error(), "user " + account.str(), "choose another account, or user passwd");
    if (flags.json)
        std::cout << "{\"id\":" << json_quote(added->id.str())
                  << ",\"account\":" << json_quote(account.str()) << "}\n";
    else
        std::cout << "added user " << added->id.str() << ' ' << account.str() << '\n';
    return exit_code::done;
}

int change_password(const user_flags& flags) {
    const auto account = account_of(flags);
    const auto table = open_existing_table(flags);
    const auto user = existing(*table, account);
    machine here;
    const auto hash = hash_of(here, read_password(flags.password_file));
    const auto changed = table->set_hash(user.id, hash, here.runtime.wall_now());
    if (!changed) fail(changed.error(), "user " + account.str(), "nothing was changed");
    std::cout << "changed the password of user " << user.id.str() << ' ' << account.str()
              << "; sessions that exist go on\n";
    return exit_code::done;
}

int disable_user(const user_flags& flags) {
    const auto account = account_of(flags);
    const auto table = open_existing_table(flags);
    const auto user = existing(*table, account);
    machine here;
    const auto done = table->set_disabled(user.id, !flags.enable, here.runtime.wall_now());
    if (!done) fail(done.error(), "user " + account.str(), "nothing was changed");
    std::cout << (flags.enable ? "enabled" : "disabled") << " user " << user.id.str() << ' '
              << account.str();
    if (!flags.enable) std::cout << "; sessions that exist end at their next renewal";
    std::cout << '\n';
    return exit_code::done;
}

std::string utc(wall_time when) {
    const auto seconds_ = static_cast<std::time_t>(to_unix_seconds(when));
    std::tm parts{};
    gmtime_r(&seconds_, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

void print_json(const user_record& user, bool first) {
    std::cout << (first ? "" : ",") << "{\"id\":" << json_quote(user.id.str())
              << ",\"account\":" << json_quote(user.account.str())
              << ",\"name\":" << json_quote(user.name)
              << ",\"disabled\":" << (user.disabled ? "true" : "false")
              << ",\"created_at\":" << json_quote(utc(user.created_at)) << '}';
}

void print_line(const user_record& user) {
    std::cout << user.id.str() << '\t' << user.account.str() << '\t' << utc(user.created_at) << '\t'
              << (user.disabled ? "disabled" : "active") << '\t' << one_line(user.name) << '\n';
}

int list_users(const user_flags& flags) {
    constexpr std::size_t page = 500;
    const auto table = open_existing_table(flags);
    if (flags.json) std::cout << '[';
    for (std::size_t offset = 0;; offset += page) {
        const auto users = table->list(offset, page);
        if (!users) fail(users.error(), "user ls", "");
        for (std::size_t i = 0; i < users->size(); ++i) {
            if (flags.json)
                print_json((*users)[i], offset + i == 0);
            else
                print_line((*users)[i]);
        }
        if (users->size() < page) break;
    }
    if (flags.json) std::cout << "]\n";
    return exit_code::done;
}

CLI::App* add_verb(CLI::App& user, const std::shared_ptr<user_flags>& flags, const char* name,
                   const char* help, int (*run)(const user_flags&), int& exit_code) {
    auto* verb = user.add_subcommand(name, help);
    verb->add_option("-c,--config", flags->config_file, "Configuration file that names the guard");
    verb->add_option("--db", flags->database, "SQLite file, instead of the guard's");
    verb->add_option("--table", flags->table, "Table in it (default: users)");
    verb->add_option("--guard", flags->guard, "Whose users (default: the first guard)");
    verb->callback([flags, run, &exit_code] { exit_code = run(*flags); });
    return verb;
}

void take_account(CLI::App& verb, user_flags& flags) {
    verb.add_option("account", flags.account, "What the user types to log in")->required();
}

void take_password(CLI::App& verb, user_flags& flags) {
    verb.add_option("--password-file", flags.password_file,
                    "File with the password (default: asked for, or the first "
                    "line of input)");
}

}  // namespace

void add_user_command(CLI::App& app, int& exit_code) {
    auto flags = std::make_shared<user_flags>();
    auto* user = app.add_subcommand("user", "Add, list, disable users and set passwords");
    user->require_subcommand(1);
    user->footer(footer_with("holdfast user add ada\nholdfast user ls --json"));
    auto* add = add_verb(*user, flags, "add", "Add a user", add_user, exit_code);
    take_account(*add, *flags);
    take_password(*add, *flags);
    add->add_option("--name", flags->name, "Display name");
    add->add_flag("--json", flags->json, "Print a JSON object");
    auto* ls = add_verb(*user, flags, "ls", "List users", list_users, exit_code);
    ls->add_flag("--json", flags->json, "Print a JSON array");
    auto* off =
        add_verb(*user, flags, "disable", "Refuse a user's logins", disable_user, exit_code);
    take_account(*off, *flags);
    off->add_flag("--undo", flags->enable, "Let the user log in again");
    auto* passwd = add_verb(*user, flags, "passwd", "Set a password", change_password, exit_code);
    take_account(*passwd, *flags);
    take_password(*passwd, *flags);
    add->footer(
        footer_with("holdfast user add -c holdfast.yaml ada --name Ada\n"
                    "holdfast user add --guard admin root --password-file secret.txt"));
    ls->footer(footer_with("holdfast user ls -c holdfast.yaml\nholdfast user ls --json"));
    off->footer(footer_with("holdfast user disable ada\nholdfast user disable ada --undo"));
    passwd->footer(
        footer_with("holdfast user passwd ada\n"
                    "holdfast user passwd ada --password-file secret.txt"));
}

}  // namespace holdfast::cli
