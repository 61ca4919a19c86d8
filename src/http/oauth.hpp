// /oauth2/introspect (RFC 7662) and /oauth2/revoke (RFC 7009), for configured clients only.
#pragma once

#include "http/services.hpp"

#include <memory>
#include <string>

namespace holdfast::http {

class oauth {
public:
    oauth(services behind, std::function<std::shared_ptr<const policy>()> rules)
        : services_(std::move(behind)), rules_(std::move(rules)) {}

    task<response> introspect(const request& asked);
    task<response> revoke(const request& asked);

private:
    services services_;
    std::function<std::shared_ptr<const policy>()> rules_;
};

}  // namespace holdfast::http
