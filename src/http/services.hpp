// What the HTTP surface is made of: the services behind it and the rules it follows.
#pragma once

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/secret.hpp"
#include "http/message.hpp"
#include "token/auth_service.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace holdfast {
class same_token_service;
}

namespace holdfast::http {

/// Who may ask /oauth2/introspect and /oauth2/revoke.
struct service_client {
    std::string id;
    secret_text secret;
};

/// Rules of the surface, from the configuration. Swapped as a whole at a reload.
struct policy {
    guard_name default_guard{"app"};  ///< where a request names none with ?guard=
    bool seed_statuses = false;       ///< compat.http_200: refusals of /api/* carry HTTP 200
    bool show_reasons = false;        ///< X-Holdfast-Reason on refusals of /authz/*
    std::vector<service_client> clients = {};
    /// Addresses whose X-Forwarded-For is believed, for login limits only. Numeric.
    std::vector<std::string> trusted_proxies = {};
};

/// One shard's services. All outlive the handler made of them and live on its thread, except
/// `counts`, which shards share.
struct services {
    runtime& rt;
    auth_service& auth;
    metrics& counts;
    logger log;
    same_token_service* same_token;  ///< null: no Same-Token here, SA-SAME-TOKEN stays empty
    /// Why this process should get no traffic now: "store", "draining", …; empty: it is ready.
    std::function<std::vector<std::string>()> not_ready;
    /// The public keys as a JWK set (RFC 7517).
    std::function<std::string()> jwks;
};

/// The whole HTTP surface of DESIGN section 7 for one shard: give it to server::listen. Calls to
/// `rules` happen once a request, so a reload is seen by the next one.
handler make_router(services behind, std::function<std::shared_ptr<const policy>()> rules);

}  // namespace holdfast::http
