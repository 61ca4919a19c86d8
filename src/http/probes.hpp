// /healthz, /readyz, /metrics and the published keys.
#pragma once

#include "http/services.hpp"

namespace holdfast::http {

/// The process runs. Says nothing about the store: a restart would not mend that.
response health();
/// Whether to send traffic here: 200, or 503 with the reasons.
response readiness(const std::vector<std::string>& reasons);
response metrics_page(const metrics& counts);
/// The published keys, with an ETag; 304 when If-None-Match already names it. Caches may keep them
/// for five minutes: publish a new key as `next` at least that long before it signs.
response key_set(const request& asked, const std::string& jwks);

}  // namespace holdfast::http
