// /authz/*: the answers gateways act on. Only 200, 401, 403 and 503.
#pragma once

#include "http/services.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::http {

/// Answers for nginx, Caddy, Traefik, HAProxy and Envoy. Anything but 200 means: do not let the
/// request through; 503 means in addition that nothing is known about the token.
class authz {
public:
    authz(services behind, std::function<std::shared_ptr<const policy>()> rules)
        : services_(std::move(behind)), rules_(std::move(rules)) {}

    /// A user's token in Authorization; ?guard= selects the guard.
    answering check_user(const request& asked);
    /// A calling service's SA-SAME-TOKEN.
    task<response> check_same_token(const request& asked);

private:
    /// With the store, or whatever else has to be waited for.
    task<response> ask_about_user(guard_name guard, std::string token);
    /// What to put into SA-SAME-TOKEN; nothing: the store has to be asked first.
    std::optional<result<std::string_view>> inner_token_here() const;
    task<result<std::string>> inner_token();
    response allow(const accepted& who, std::string_view inner_token) const;
    response refuse(const error_code& ec, const guard_name& guard, const policy& rules) const;

    services services_;
    std::function<std::shared_ptr<const policy>()> rules_;
};

}  // namespace holdfast::http
