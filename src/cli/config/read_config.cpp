// The configuration file, section by section.
#include "cli/command.hpp"
#include "cli/config/config.hpp"
#include "cli/config/read_guards.hpp"
#include "cli/config/read_jobs.hpp"
#include "cli/config/read_same_token.hpp"
#include "cli/config/read_store.hpp"
#include "cli/config/yaml_map.hpp"
#include "cli/read_file.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>

namespace holdfast::cli {
namespace {

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
    for (const auto& proxy : section.texts("trusted_proxies")) {
        const auto address = numeric_address(proxy);
        if (!address)
            section.fail("trusted_proxies", "has \"" + proxy +
                                                "\"; allowed: single numeric addresses, such as "
                                                "10.0.0.1 or fd00::1");
        http.trusted_proxies.push_back(*address);
    }
    http.threads = static_cast<unsigned>(section.integer("threads", 0, 0, 256));
    section.finish();
    return http;
}

revocation_config read_revocation(yaml_map section) {
    revocation_config revocation;
    revocation.strict = section.choice<bool>("mode", false, {{"replica", false}, {"strict", true}});
    revocation.max_staleness =
        section.duration("max_staleness", revocation.max_staleness, milliseconds{100}, minutes{10});
    section.finish();
    return revocation;
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
    const auto text = read_file(file);
    if (!text)
        throw command_failure(
            exit_code::usage,
            file + ": cannot be read; check the path given to -c and its permissions");
    try {
        return YAML::Load(*text);
    } catch (const YAML::ParserException& error) {
        fail_in_file(file, error.mark.line + 1, "not YAML: " + error.msg);
    }
}

std::string default_table(const std::string& guard) {
    if (guard == "app") return "users";
    auto table = "users_" + guard;
    std::ranges::replace(table, '-', '_');
    return table;
}

// Whoever may sign in at one guard could sign in at the other.
void refuse_shared_tables(const config& from) {
    for (auto guard = from.guards.begin(); guard != from.guards.end(); ++guard)
        for (auto before = from.guards.begin(); before != guard; ++before)
            if (guard->location == before->location && guard->table == before->table)
                fail_in_file(from.file, guard->line,
                             "guards." + guard->name + ".users is table " + guard->table +
                                 " of guards." + before->name +
                                 " too; give each guard a table of its own");
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
    const auto address = numeric_address(split->first);
    if (!address) {
        refuse("is \"" + std::string(text) +
               "\"; the host has to be a numeric address, such as 127.0.0.1:8440, [::]:8440 or "
               "0.0.0.0:8440");
        return;
    }
    http.address = *address;
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
    out.guards = read_guards(top.map("guards"), out.jwt);
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
    refuse_shared_tables(out);
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
// is "app". A table's name does not depend on the other guards: one more must not move users.
void complete(config& out) {
    if (out.guards.empty()) {
        guard_config app;
        app.name = "app";
        app.registration_open = true;
        out.guards.push_back(app);
    }
    for (auto& guard : out.guards) {
        if (guard.location.empty()) guard.location = out.data_folder + "/holdfast.db";
        if (guard.table.empty()) guard.table = default_table(guard.name);
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
