// From the configuration's guards to the token room's.
#include "cli/serve/make_guards.hpp"

#include "cli/command.hpp"
#include "cli/config/yaml_map.hpp"
#include "token/users/sqlite_users.hpp"

#include <filesystem>

namespace holdfast::cli {
namespace {

[[noreturn]] void refuse(const config& from, int line, const std::string& problem) {
    if (!from.file.empty()) fail_in_file(from.file, line, problem);
    throw command_failure(exit_code::usage, problem);
}

std::shared_ptr<user_table> open_users(const guard_config& guard, const config& from) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(guard.location).parent_path(),
                                        ignored);
    try {
        return std::make_shared<sqlite_users>(guard.location, table_name(guard.table));
    } catch (const boost::system::system_error& error) {
        refuse(from, guard.line,
               "guards." + guard.name + ".users: " + said_by(error) +
                   "; name a file that can be written, or correct its folder");
    }
}

token_policy policy_of(const guard_config& guard, const jwt_config& jwt) {
    token_policy policy;
    policy.ttl = guard.ttl.value_or(jwt.ttl);
    policy.grace = std::min<milliseconds>(jwt.grace_period, policy.ttl - seconds{1});
    policy.renew_window = std::min(guard.refresh_window.value_or(jwt.refresh_window), policy.ttl);
    policy.max_session = jwt.max_session;
    policy.retire = jwt.retire_at_mint ? retire_rule::mint : retire_rule::confirm;
    return policy;
}

guard_settings settings_of(const guard_config& guard, const config& from, key_ring_ptr keys) {
    guard_settings settings{guard_name(guard.name)};
    settings.policy = policy_of(guard, from.jwt);
    settings.tokens.audience = guard.audience;
    settings.tokens.leeway = std::max(settings.tokens.leeway, from.jwt.leeway);
    settings.tokens.expiry_leeway = from.jwt.leeway;
    settings.tokens.max_ttl = std::max<seconds>(settings.policy.ttl, hours{24});
    settings.keys = std::move(keys);
    settings.users = open_users(guard, from);
    settings.registration_open = guard.registration_open;
    return settings;
}

}  // namespace

std::shared_ptr<const guard_set> make_guards(const config& from, key_ring_ptr keys,
                                             std::shared_ptr<user_desk> desk) {
    std::vector<guard_settings> guards;
    try {
        for (const auto& guard : from.guards) guards.push_back(settings_of(guard, from, keys));
        return std::make_shared<const guard_set>(std::move(guards), std::move(desk));
    } catch (const boost::system::system_error& error) {
        refuse(from, from.guards.front().line, "guards: " + said_by(error));
    }
}

}  // namespace holdfast::cli
