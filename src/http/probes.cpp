// Answers for orchestrators and scrapers.
#include "http/probes.hpp"

#include "http/answers.hpp"
#include "token/jws/json.hpp"

namespace holdfast::http {

response health() {
    response made(200);
    made.content(json_type, R"({"status":"ok"})");
    return made;
}

response readiness(const std::vector<std::string>& reasons) {
    std::string list;
    for (const auto& reason : reasons) list += (list.empty() ? "" : ",") + json_quote(reason);
    response made(reasons.empty() ? 200 : 503);
    made.content(json_type, std::string(R"({"ready":)") + (reasons.empty() ? "true" : "false") +
                                R"(,"reasons":[)" + list + "]}");
    made.header("Cache-Control", "no-store");
    return made;
}

response metrics_page(const metrics& counts) {
    response made(200);
    made.content(metrics::content_type, counts.exposition());
    return made;
}

response key_set(const std::string& jwks) {
    response made(200);
    made.content("application/jwk-set+json", jwks);
    made.header("Cache-Control", "public, max-age=300");
    return made;
}

}  // namespace holdfast::http
