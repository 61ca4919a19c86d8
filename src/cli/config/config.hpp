// The daemon's configuration as typed values; docs/operations.md explains each key.
#pragma once

#include "base/log.hpp"
#include "base/secret.hpp"
#include "holdfast/cron.hpp"
#include "holdfast/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::cli {

/// `http:`
struct http_config {
    std::string address = "127.0.0.1";
    unsigned short port = 8440;
    unsigned threads = 0;  ///< 0: one a core, at most 8
    /// Addresses whose X-Forwarded-For is believed, for login limits only.
    std::vector<std::string> trusted_proxies;
};

/// `store:`
struct store_config {
    std::string url;  ///< empty: the embedded store in the data folder
    std::string prefix = "hf:";
    bool fsync_always = false;  ///< embedded only; otherwise every second
    milliseconds call_timeout{2000};
    friend bool operator==(const store_config&, const store_config&) = default;
};

/// One of `jwt.keys`
struct key_config {
    enum class role { current, next, retired };
    std::string file;  ///< PEM or JWK
    std::string algorithm;
    std::string kid;  ///< empty: the RFC 7638 thumbprint
    role use = role::current;
    int line = 0;  ///< in the file, for messages
};

/// `jwt:`; the first four keys have the seed's names and meaning.
struct jwt_config {
    secret_text secret;  ///< empty: a random one, kept in the data folder
    seconds ttl{43200};
    seconds grace_period{10};
    bool grace_is_given = false;  ///< otherwise it fits whatever ttl a guard has
    seconds refresh_window{1800};
    std::vector<key_config> keys;
    seconds leeway{0};
    seconds max_session{0};  ///< 0: no limit
    bool retire_at_mint = false;
};

/// `guards.<name>:`
struct guard_config {
    int line = 0;  ///< in the file, for messages
    std::string name;
    std::string location;  ///< SQLite file
    std::string table;
    bool registration_open = false;
    std::string audience;
    std::optional<seconds> ttl;
    std::optional<seconds> refresh_window;
};

/// `revocation:`
struct revocation_config {
    bool strict = false;
    milliseconds max_staleness{1000};
    friend bool operator==(const revocation_config&, const revocation_config&) = default;
};

/// `same_token:`
struct same_token_config {
    std::string token_name = "satoken";
    milliseconds interval{minutes{10}};
    milliseconds overlap{minutes{1}};
    milliseconds activate_delay{2000};
    milliseconds stale_if_error{hours{1}};
    friend bool operator==(const same_token_config&, const same_token_config&) = default;
};

/// What a job does.
struct run_config {
    enum class kind { same_token, command, http };
    kind what = kind::command;
    std::vector<std::string> command;
    std::string folder;
    std::map<std::string, std::string> environment;
    std::string method = "POST";
    std::string url;
    std::map<std::string, std::string> headers;
    std::string body;
};

/// One of `jobs`
struct job_config {
    int line = 0;  ///< in the file, for messages
    std::string name;
    std::string schedule;  ///< a cron expression, "@every 10m" or "@at 2030-01-01T00:00:00Z"
    cron_dialect dialect = cron_dialect::holdfast;
    std::string zone = "UTC";
    run_config run;
    enum class misfire_policy { skip, fire_once, fire_all };
    misfire_policy misfire = misfire_policy::fire_once;
    std::uint32_t misfire_max = 10;  ///< for fire_all
    milliseconds misfire_threshold{minutes{1}};
    std::optional<milliseconds> start_deadline;
    enum class overlap_policy { forbid, allow, replace };
    overlap_policy overlap = overlap_policy::forbid;
    enum class crash_policy { abandon, rerun };
    crash_policy on_crash = crash_policy::abandon;
    std::uint32_t retries = 0;
    milliseconds retry_delay{1000};
    milliseconds timeout{hours{1}};
    milliseconds jitter{0};
};

/// `oauth2.clients`: who may call /oauth2/introspect and /oauth2/revoke.
struct oauth_client_config {
    std::string id;
    secret_text secret;
};

struct config {
    std::string file;         ///< where it was read from; empty when there is none
    std::string data_folder;  ///< resolved, absolute
    http_config http;
    store_config store;
    jwt_config jwt;
    std::vector<guard_config> guards;
    revocation_config revocation;
    same_token_config same_token;
    std::vector<job_config> jobs;
    std::vector<oauth_client_config> oauth_clients;
    bool always_http_200 = false;  ///< compat.http_200
    milliseconds shutdown_grace{10000};
    log_level level = log_level::info;
    log_format format = log_format::text;
};

/// Reads and checks a YAML file. Relative paths in it are relative to its folder.
/// Throws command_failure(exit_code::usage) "FILE:LINE: what; allowed values" at the first problem:
/// unknown keys, wrong types, impossible values, unreadable secrets.
/// `data` replaces the data folder when it is not empty.
config read_config(const std::string& file, const std::string& data = {});

/// "HOST:PORT" into the section; calls refuse with what is wrong otherwise.
void parse_listen(std::string_view text, http_config& http,
                  const std::function<void(const std::string&)>& refuse);

/// Fills in what depends on other values: the default guard and where its users are.
void complete(config& out);

/// What `serve` runs with when there is no file: one guard "app" with open registration, the seed's
/// times, the Same-Token job, everything in the default data folder.
config default_config(const std::string& data = {});

/// $HOLDFAST_DATA, else $XDG_STATE_HOME/holdfast, else ~/.local/state/holdfast, else
/// /var/lib/holdfast.
std::string default_data_folder();

}  // namespace holdfast::cli
