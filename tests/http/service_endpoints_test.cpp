// Introspection, revocation, probes, keys, metrics, and paths that lead nowhere.
#include "http/surface.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

// gateway:s3cret
const std::string client = "Authorization: Basic Z2F0ZXdheTpzM2NyZXQ=";

TEST(oauth2, introspection_describes_live_tokens_to_known_clients_only) {
    surface front;
    const auto token = front.token_of("ann");
    const auto live = front.post("/oauth2/introspect", "token=" + token, {client});
    EXPECT_EQ(live.status, 200);
    EXPECT_EQ(member(live.body, "active"), "true");
    EXPECT_EQ(member(live.body, "guard"), "app");
    EXPECT_FALSE(member(live.body, "sub").empty());
    EXPECT_EQ(live.field("Cache-Control"), "no-store");
    EXPECT_EQ(front.post("/oauth2/introspect", "token=x", {client}).body, R"({"active":false})");
    for (const auto& fields : {std::vector<std::string>{},
                               {"Authorization: Basic Z2F0ZXdheTp3cm9uZw=="},
                               {"Authorization: Basic OnMzY3JldA=="},
                               {"Authorization: Bearer " + token}}) {
        const auto refused = front.post("/oauth2/introspect", "token=" + token, fields);
        EXPECT_EQ(refused.status, 401);
        EXPECT_TRUE(refused.field("WWW-Authenticate"));
    }
    EXPECT_EQ(front.post("/oauth2/introspect", "", {client}).status, 400);
    EXPECT_EQ(
        front.post("/oauth2/introspect", "client_id=gateway&client_secret=s3cret&token=" + token)
            .status,
        200);
}

TEST(oauth2, revocation_ends_the_session_and_is_silent_about_the_rest) {
    surface front;
    const auto token = front.token_of("ann");
    EXPECT_EQ(front.post("/oauth2/revoke", "token=" + token).status, 401);
    EXPECT_EQ(front.ask("GET", "/authz/auth-request", token).status, 200);
    EXPECT_EQ(front.post("/oauth2/revoke", "token=garbage", {client}).status, 200);
    EXPECT_EQ(front.post("/oauth2/revoke", "token=" + token, {client}).status, 200);
    EXPECT_EQ(front.ask("GET", "/authz/auth-request", token).status, 401);
    EXPECT_EQ(front.post("/oauth2/introspect", "token=" + token, {client}).body,
              R"({"active":false})");
}

TEST(probes, answer_for_orchestrators) {
    surface front;
    const auto get = [&](const char* path) { return http_request(front.port(), "GET", path); };
    EXPECT_EQ(get("/healthz").status, 200);
    EXPECT_EQ(get("/readyz").status, 200);
    front.ready = false;
    const auto away = get("/readyz");
    EXPECT_EQ(away.status, 503);
    EXPECT_EQ(away.body, R"({"ready":false,"reasons":["store"]})");
    EXPECT_EQ(get("/healthz").status, 200);
    EXPECT_EQ(get("/.well-known/jwks.json").field("Content-Type"), "application/jwk-set+json");
    const auto page = get("/metrics");
    EXPECT_TRUE(page.field("Content-Type").value_or("").starts_with("text/plain; version=0.0.4"));
    EXPECT_NE(page.body.find("holdfast_http_requests_total{route=\"/readyz\",status=\"503\"} 1\n"),
              page.body.npos);
}

TEST(probes, published_keys_are_sent_once_to_who_remembers_them) {
    surface front;
    const auto get = [&](const std::vector<std::string>& fields) {
        return http_request(front.port(), "GET", "/.well-known/jwks.json", fields);
    };
    const auto first = get({});
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.body, R"({"keys":[]})");
    EXPECT_EQ(first.field("Cache-Control"), "public, max-age=300");
    const auto tag = first.field("ETag").value_or("");
    ASSERT_GT(tag.size(), 10u);
    for (const auto& known : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
        const auto again = get({"If-None-Match: " + known});
        EXPECT_EQ(again.status, 304) << known;
        EXPECT_EQ(again.field("ETag"), tag);
        EXPECT_EQ(again.body, "");
    }
    EXPECT_EQ(get({"If-None-Match: \"other\""}).status, 200);
}

TEST(router, unknown_paths_and_methods) {
    surface front;
    const auto ask = [&](const char* method, const char* path) {
        return http_request(front.port(), method, path);
    };
    const auto wrong = ask("GET", "/api/auth/login");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.field("Allow"), "POST");
    EXPECT_EQ(ask("DELETE", "/metrics").field("Allow"), "GET, HEAD");
    EXPECT_EQ(ask("HEAD", "/healthz").status, 200);
    for (const char* path :
         {"/", "/api", "/api/auth/login/", "//authz/auth-request", "/authz/../authz/auth-request",
          "/%61uthz/auth-request", "/authz/ext-authzx", "/admin/api/x"}) {
        const auto answer = ask("GET", path);
        EXPECT_EQ(answer.status, 404) << path;
        EXPECT_EQ(member(answer.body, "error_code"), "40000") << path;
    }
}

}  // namespace
}  // namespace holdfast::test
