// Answers for orchestrators and scrapers.
#include "http/probes.hpp"

#include "base/encode.hpp"
#include "base/write_json.hpp"
#include "http/answers.hpp"

#include <openssl/evp.h>

#include <array>
#include <span>

namespace holdfast::http {

namespace {

// Of the content alone, so that every node gives the same.
std::string entity_tag(std::string_view text) {
    std::array<std::byte, 32> digest{};
    EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
               EVP_sha256(), nullptr);
    return '"' + hex_encode(std::span(digest).first(12)) + '"';
}

}  // namespace

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

response key_set(const request& asked, const std::string& jwks) {
    const auto tag = entity_tag(jwks);
    response made(200);
    made.header("ETag", tag).header("Cache-Control", "public, max-age=300");
    const auto known = asked.headers.find("If-None-Match").value_or("");
    if (known == "*" || known.find(tag) != known.npos)
        made.set_status(304);
    else
        made.content("application/jwk-set+json", jwks);
    return made;
}

}  // namespace holdfast::http
