// /api/auth/*: register, login, info, logout, with the seed's bodies and honest statuses.
#pragma once

#include "http/services.hpp"

#include <memory>
#include <optional>

namespace holdfast::http {

class auth_api {
public:
    auth_api(services behind, std::function<std::shared_ptr<const policy>()> rules)
        : services_(std::move(behind)), rules_(std::move(rules)) {}

    task<response> register_user(const request& asked);
    task<response> login(const request& asked);
    task<response> info(const request& asked);
    /// ?wait=fleet returns when every live node refuses the session.
    task<response> logout(const request& asked);
    task<response> logout_all(const request& asked);

private:
    /// Either who asks, or the answer that refuses.
    struct admission {
        std::optional<accepted> who;
        response refused;
    };
    task<admission> admit(const request& asked);
    admission turn_away(const error_code& ec, const guard_name& realm) const;
    task<response> end_sessions(const request& asked, bool all_of_user);

    services services_;
    std::function<std::shared_ptr<const policy>()> rules_;
};

}  // namespace holdfast::http
