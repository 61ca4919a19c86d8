// The configuration file, section by section.
#include "cli/command.hpp"
#include "cli/config/config.hpp"
#include "cli/config/read_jobs.hpp"
#include "cli/config/yaml_map.hpp"

#include <charconv>
#include <cstdlib>
#include <filesystem>

namespace holdfast::cli {
namespace {

constexpr milliseconds longest_span = hours{24 * 366};
constexpr std::size_t shortest_secret = 32;

std::optional<std::pair<std::string, unsigned short>> split_listen(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == text.npos || colon == 0) return std::nullopt;
    auto host = text.substr(0, colon);
    if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    unsigned short port = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, ec] = std::from_chars(text.data() + colon + 1, end, port);
    if (ec != std::errc{} || stop != end) return std::nullopt;
    return std::pair(std::string(host), port);
}

http_config read_http(yaml_map section) {
    http_config http;
    if (section.has("listen"))
        parse_listen(section.text("listen", ""), http,
                     [&](const std::string& why) { section.fail("listen", why); });
    else
        section.text("listen", "");
    http.trusted_proxies = section.texts("trusted_proxies");
    http.threads = static_cast<unsigned>(section.integer("threads", 0, 0, 256));
    section.finish();
    return http;
}

store_config read_store(yaml_map section) {
    store_config store;
    store.url = section.text("url", "");
    store.prefix = section.text("prefix", store.prefix);
    if (store.prefix.find_first_of("{} \t\r\n") != std::string::npos || store.prefix.size() > 64)
        section.fail("prefix", "must be at most 64 bytes without spaces or braces");
    store.fsync_always =
        section.choice<bool>("fsync", false, {{"everysec", false}, {"always", true}});
    store.call_timeout =
        section.duration("call_timeout", store.call_timeout, milliseconds{10}, minutes{1});
    section.finish();
    return store;
}

key_config read_key(yaml_map section) {
    key_config key;
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
}

jwt_config read_jwt(yaml_map section) {
    jwt_config jwt;
    const auto whole_seconds = [&](std::string_view key, seconds fallback, seconds low) {
        const auto span = section.duration(key, fallback, low, longest_span);
        if (span % seconds{1} != milliseconds{0}) section.fail(key, "must be whole seconds");
        return std::chrono::duration_cast<seconds>(span);
    };
    jwt.secret = section.secret("secret");
    if (!jwt.secret.empty() && jwt.secret.reveal().size() < shortest_secret)
        section.fail(
            "secret",
            "has fewer than 32 bytes, too few for HS256 (RFC 7518 section 3.2); give a longer one");
    jwt.ttl = whole_seconds("jwt_ttl", jwt.ttl, seconds{1});
    jwt.grace_period = whole_seconds("jwt_blacklist_grace_period",
                                     std::min(jwt.grace_period, jwt.ttl - seconds{1}), seconds{0});
    jwt.refresh_window =
        whole_seconds("refresh_grace_period", std::min(jwt.refresh_window, jwt.ttl), seconds{0});
    jwt.leeway = whole_seconds("leeway", jwt.leeway, seconds{0});
    jwt.max_session = whole_seconds("max_session", jwt.max_session, seconds{0});
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

void read_users(yaml_map section, guard_config& guard) {
    for (const char* later : {"mysql", "http"})
        if (section.has(later))
            section.fail(later, "is not supported; users are kept in SQLite: give sqlite: FILE");
    const auto file = section.text("sqlite", "");
    if (!file.empty()) guard.location = section.resolve(file);
    guard.table = section.text("table", guard.table);
    section.finish();
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

guard_config read_guard(const std::string& name, yaml_map section) {
    guard_config guard;
    guard.name = name;
    if (!is_identifier(name))
        section.fail_here(section.path() + ": a guard's name is 1 to 64 letters, digits, _ and -");
    read_users(section.map("users"), guard);
    if (!is_identifier(guard.table) || guard.table.find('-') != std::string::npos)
        section.fail("users", "has a table that is no plain SQL identifier");
    guard.registration_open =
        section.choice<bool>("registration", false, {{"open", true}, {"closed", false}});
    guard.audience = section.text("audience", "");
    if (section.has("jwt_ttl"))
        guard.ttl = std::chrono::duration_cast<seconds>(
            section.duration("jwt_ttl", seconds{1}, seconds{1}, longest_span));
    if (section.has("refresh_grace_period"))
        guard.refresh_window = std::chrono::duration_cast<seconds>(
            section.duration("refresh_grace_period", seconds{0}, seconds{0}, longest_span));
    section.text("jwt_ttl", "");
    section.text("refresh_grace_period", "");
    section.finish();
    return guard;
}

revocation_config read_revocation(yaml_map section) {
    revocation_config revocation;
    revocation.strict = section.choice<bool>("mode", false, {{"replica", false}, {"strict", true}});
    revocation.max_staleness =
        section.duration("max_staleness", revocation.max_staleness, milliseconds{100}, minutes{10});
    section.finish();
    return revocation;
}

same_token_config read_same_token(yaml_map section) {
    same_token_config same;
    same.token_name = section.text("token_name", same.token_name);
    same.interval = section.duration("interval", same.interval, seconds{1}, hours{24});
    same.overlap = section.duration("overlap", same.overlap, milliseconds{0}, hours{24});
    same.activate_delay =
        section.duration("activate_delay", same.activate_delay, milliseconds{0}, minutes{10});
    same.stale_if_error =
        section.duration("stale_if_error", same.stale_if_error, milliseconds{0}, hours{24});
    section.finish();
    if (same.activate_delay >= same.interval)
        section.fail("activate_delay", "is not shorter than the interval; give less");
    return same;
}

std::vector<oauth_client_config> read_oauth(yaml_map section) {
    std::vector<oauth_client_config> clients;
    auto named = section.map("clients");
    for (const auto& [id, node] : named.members()) {
        oauth_client_config client;
        client.id = id;
        client.secret = named.secret(id);
        clients.push_back(std::move(client));
    }
    section.finish();
    return clients;
}

void read_log(yaml_map section, config& out) {
    out.level = section.choice<log_level>("level", log_level::info,
                                          {{"debug", log_level::debug},
                                           {"info", log_level::info},
                                           {"warn", log_level::warn},
                                           {"error", log_level::error}});
    out.format = section.choice<log_format>(
        "format", log_format::text, {{"text", log_format::text}, {"json", log_format::json}});
    section.finish();
}

YAML::Node load(const std::string& file) {
    try {
        return YAML::LoadFile(file);
    } catch (const YAML::BadFile&) {
        throw command_failure(
            exit_code::usage,
            file + ": cannot be read; check the path given to -c and its permissions");
    } catch (const YAML::ParserException& error) {
        fail_in_file(file, error.mark.line + 1, "not YAML: " + error.msg);
    }
}

}  // namespace

void parse_listen(std::string_view text, http_config& http,
                  const std::function<void(const std::string&)>& refuse) {
    const auto split = split_listen(text);
    if (!split) {
        refuse("is \"" + std::string(text) +
               "\"; allowed: HOST:PORT, such as 127.0.0.1:8440 or [::1]:8440");
        return;
    }
    http.address = split->first;
    http.port = split->second;
}

config read_config(const std::string& file, const std::string& data) {
    yaml_map top(load(file), file, "");
    config out;
    out.file = file;
    out.data_folder =
        top.has("data") ? top.resolve(top.required_text("data")) : default_data_folder();
    top.text("data", "");
    if (!data.empty()) out.data_folder = std::filesystem::absolute(data).string();
    out.http = read_http(top.map("http"));
    out.store = read_store(top.map("store"));
    out.jwt = read_jwt(top.map("jwt"));
    auto guards = top.map("guards");
    for (const auto& [name, node] : guards.members())
        out.guards.push_back(read_guard(name, {node, file, "guards." + name}));
    out.revocation = read_revocation(top.map("revocation"));
    out.same_token = read_same_token(top.map("same_token"));
    out.jobs = read_jobs(top.list("jobs"), file);
    out.oauth_clients = read_oauth(top.map("oauth2"));
    auto compat = top.map("compat");
    out.always_http_200 = compat.boolean("http_200", false);
    compat.finish();
    out.shutdown_grace =
        top.duration("shutdown_grace", out.shutdown_grace, milliseconds{0}, hours{1});
    read_log(top.map("log"), out);
    top.finish();
    complete(out);
    return out;
}

config default_config(const std::string& data) {
    config out;
    out.data_folder =
        data.empty() ? default_data_folder() : std::filesystem::absolute(data).string();
    complete(out);
    return out;
}

// A guard without a user source has a table of its own in the data folder; without any guard there
// is "app".
void complete(config& out) {
    if (out.guards.empty()) {
        guard_config app;
        app.name = "app";
        app.registration_open = true;
        out.guards.push_back(app);
    }
    for (auto& guard : out.guards)
        if (guard.location.empty()) {
            guard.location = out.data_folder + "/holdfast.db";
            if (guard.table == "users" && out.guards.size() > 1)
                guard.table = "users_" + guard.name;
        }
}

std::string default_data_folder() {
    const auto variable = [](const char* name) -> std::string {
        const char* value = std::getenv(name);
        return value != nullptr ? value : "";
    };
    std::filesystem::path folder = "/var/lib/holdfast";
    if (const auto given = variable("HOLDFAST_DATA"); !given.empty())
        folder = given;
    else if (const auto state = variable("XDG_STATE_HOME"); !state.empty())
        folder = state + "/holdfast";
    else if (const auto home = variable("HOME"); !home.empty())
        folder = home + "/.local/state/holdfast";
    return std::filesystem::absolute(folder).string();
}

}  // namespace holdfast::cli
