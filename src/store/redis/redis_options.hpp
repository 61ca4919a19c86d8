// Where a Redis is and how to talk to it, read from a url.
#pragma once

#include "base/secret.hpp"
#include "holdfast/error.hpp"
#include "holdfast/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

struct redis_options {
    std::string host = "127.0.0.1";  ///< name or address, IPv6 without its brackets
    unsigned short port = 6379;
    std::string user;      ///< empty: the default user
    secret_text password;  ///< empty: no authentication
    unsigned database = 0;

    bool tls = false;
    std::string ca_file;           ///< empty: the system's authorities
    std::string certificate_file;  ///< client certificate, PEM
    std::string key_file;          ///< its key, PEM
    std::string server_name;       ///< for SNI and the certificate check; empty: host

    std::string prefix = "hf:";           ///< before every key that is not a lock's own name
    std::vector<std::string> other_keys;  ///< outside the prefix, to be tried when greeting
    milliseconds call_timeout{2000};      ///< how long run() waits for an answer
    milliseconds connect_timeout{2000};   ///< for one attempt: resolve, connect, TLS, greeting

    /// "host:port/database" for logs and errors: never the password.
    std::string address() const;
    redis_options clone() const;
};

/// Reads `redis://[user[:password]@]HOST[:PORT][/DATABASE][?name=value&…]`, `rediss://` for TLS.
/// Percent-escapes are decoded in user, password and values; `redis://password@host` is refused as
/// ambiguous, write `redis://:password@host`. Names after `?`: ca, cert, key, server_name (TLS
/// only), timeout and connect_timeout (milliseconds, 1 to 600000), prefix.
/// Failure: errc::invalid_argument; `why`, where given, then names the part that is wrong. It never
/// repeats the password.
result<redis_options> parse_redis_url(std::string_view url, std::string* why = nullptr);

}  // namespace holdfast
