// Token times and guards; what contradicts itself is refused where it stands.
#include "cli/config/read_guards.hpp"

#include "base/duration.hpp"

namespace holdfast::cli {
namespace {

constexpr milliseconds longest_span = hours{24 * 366};
constexpr std::size_t shortest_secret = 32;

seconds whole_seconds(yaml_map& section, std::string_view key, seconds fallback, seconds low) {
    const auto span = section.duration(key, fallback, low, longest_span);
    if (span % seconds{1} != milliseconds{0}) section.fail(key, "must be whole seconds");
    return std::chrono::duration_cast<seconds>(span);
}

key_config read_key(yaml_map section) {
    key_config key;
    key.line = section.line();
    key.file = section.resolve(section.required_text("file"));
    key.algorithm = section.text("alg", "");
    key.kid = section.text("kid", "");
    using role = key_config::role;
    key.use = section.choice<role>(
        "use", role::current,
        {{"current", role::current}, {"next", role::next}, {"retired", role::retired}});
    section.finish();
    return key;
}

void check_times(const jwt_config& jwt, const yaml_map& section) {
    if (jwt.refresh_window > jwt.ttl)
        section.fail("refresh_grace_period", "is longer than jwt_ttl; give at most jwt_ttl");
    if (jwt.grace_period >= jwt.ttl)
        section.fail("jwt_blacklist_grace_period", "is not shorter than jwt_ttl; give less");
    if (jwt.max_session != seconds{0} && jwt.max_session < jwt.ttl)
        section.fail("max_session", "is shorter than jwt_ttl; give 0 (no limit) or at least that");
}

// A guard has the times of `jwt:` unless it says otherwise, so they have to fit together.
void check_guard_times(const guard_config& guard, const jwt_config& jwt, const yaml_map& section) {
    const auto ttl = guard.ttl.value_or(jwt.ttl);
    const auto lives = "jwt_ttl of this guard, " + format_duration(ttl);
    if (guard.refresh_window.value_or(seconds{0}) > ttl)
        section.fail("refresh_grace_period", "is longer than the " + lives + "; give at most that");
    if (jwt.grace_is_given && jwt.grace_period >= ttl)
        section.fail("jwt_ttl", "is not longer than jwt.jwt_blacklist_grace_period; give more");
    if (jwt.max_session != seconds{0} && jwt.max_session < ttl)
        section.fail("jwt_ttl", "is longer than jwt.max_session; give at most that");
}

bool is_identifier(std::string_view text) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    if (text.empty() || text.size() > 64 || !letter(text.front())) return false;
    for (const char c : text)
        if (!letter(c) && !(c >= '0' && c <= '9') && c != '-') return false;
    return true;
}

void read_users(yaml_map section, guard_config& guard) {
    for (const char* later : {"mysql", "http"})
        if (section.has(later))
            section.fail(later, "is not supported; users are kept in SQLite: give sqlite: FILE");
    const auto file = section.text("sqlite", "");
    if (!file.empty()) guard.location = section.resolve(file);
    guard.table = section.text("table", "");
    if (section.has("table") &&
        (!is_identifier(guard.table) || guard.table.find('-') != std::string::npos))
        section.fail("table", "is \"" + guard.table + "\"; allowed: 1 to 64 letters, digits and _");
    section.finish();
}

guard_config read_guard(const std::string& name, yaml_map section, const jwt_config& jwt) {
    guard_config guard;
    guard.line = section.line();
    guard.name = name;
    if (!is_identifier(name))
        section.fail_here(section.path() + ": a guard's name is 1 to 64 letters, digits, _ and -");
    read_users(section.map("users"), guard);
    guard.registration_open =
        section.choice<bool>("registration", false, {{"open", true}, {"closed", false}});
    guard.audience = section.text("audience", "");
    const auto ttl = whole_seconds(section, "jwt_ttl", jwt.ttl, seconds{1});
    if (section.has("jwt_ttl")) guard.ttl = ttl;
    const auto window =
        whole_seconds(section, "refresh_grace_period", jwt.refresh_window, seconds{0});
    if (section.has("refresh_grace_period")) guard.refresh_window = window;
    section.finish();
    check_guard_times(guard, jwt, section);
    return guard;
}

}  // namespace

jwt_config read_jwt(yaml_map section) {
    jwt_config jwt;
    jwt.secret = section.secret("secret");
    if (!jwt.secret.empty() && jwt.secret.reveal().size() < shortest_secret)
        section.fail(
            "secret",
            "has fewer than 32 bytes, too few for HS256 (RFC 7518 section 3.2); give a longer one");
    jwt.ttl = whole_seconds(section, "jwt_ttl", jwt.ttl, seconds{1});
    jwt.grace_is_given = section.has("jwt_blacklist_grace_period");
    jwt.grace_period = whole_seconds(section, "jwt_blacklist_grace_period",
                                     std::min(jwt.grace_period, jwt.ttl - seconds{1}), seconds{0});
    jwt.refresh_window = whole_seconds(section, "refresh_grace_period",
                                       std::min(jwt.refresh_window, jwt.ttl), seconds{0});
    jwt.leeway = whole_seconds(section, "leeway", jwt.leeway, seconds{0});
    jwt.max_session = whole_seconds(section, "max_session", jwt.max_session, seconds{0});
    jwt.retire_at_mint =
        section.choice<bool>("retire", false, {{"confirm", false}, {"mint", true}});
    int index = 0;
    for (const auto& node : section.list("keys"))
        jwt.keys.push_back(
            read_key({node, section.file(), "jwt.keys[" + std::to_string(index++) + "]"}));
    section.finish();
    check_times(jwt, section);
    return jwt;
}

std::vector<guard_config> read_guards(yaml_map section, const jwt_config& jwt) {
    std::vector<guard_config> guards;
    for (const auto& [name, node] : section.members())
        guards.push_back(
            read_guard(name, {node, section.file(), "guards." + name, section.line()}, jwt));
    return guards;
}

}  // namespace holdfast::cli
