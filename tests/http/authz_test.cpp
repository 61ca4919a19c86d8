// /authz/*: what gateways are told. Only 200, 401, 403 and 503.
#include "http/surface.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

TEST(authz, accepts_any_method_and_names_the_user) {
    surface front;
    const auto token = front.token_of("ann");
    for (const char* path : {"/authz/auth-request", "/authz/forward-auth", "/authz/ext-authz",
                             "/authz/ext-authz/any/path?x=y", "/authz/auth-request?guard=app"}) {
        for (const char* method : {"GET", "HEAD", "POST", "DELETE", "PROPFIND"}) {
            SCOPED_TRACE(std::string(method) + " " + path);
            const auto answer = front.ask(method, path, token);
            EXPECT_EQ(answer.status, 200);
            EXPECT_FALSE(answer.field("X-User-Id").value_or("").empty());
            EXPECT_EQ(answer.field("X-User-Guard"), "app");
            EXPECT_EQ(answer.field("SA-SAME-TOKEN"), front.inner_token());
            EXPECT_FALSE(answer.field("New-Token"));
            EXPECT_EQ(answer.field("Cache-Control"), "no-store");
            EXPECT_EQ(answer.field("Vary"), "Authorization");
        }
    }
}

TEST(authz, sends_the_fields_gateways_copy_even_when_they_are_empty) {
    surface::options options;
    options.rotated = false;
    surface front(options);
    EXPECT_EQ(front.ask("GET", "/authz/auth-request", front.token_of("ann")).field("SA-SAME-TOKEN"),
              "");
}

TEST(authz, tells_the_gateway_the_successor_of_a_due_token) {
    surface::options options;
    options.fleet.policy.ttl = seconds{60};
    options.fleet.policy.renew_window = seconds{60};
    surface front(options);
    const auto token = front.token_of("ann");
    const auto answer = front.ask("GET", "/authz/auth-request", token);
    ASSERT_TRUE(answer.field("New-Token"));
    EXPECT_EQ(answer.field("New-Expires-In"), "60");
    EXPECT_EQ(front.ask("GET", "/authz/auth-request", token).field("New-Token"),
              answer.field("New-Token"));
}

TEST(authz, refuses_by_the_form_of_the_header_with_401_only) {
    surface front;
    const auto ask = [&](const std::vector<std::string>& fields) {
        return http_request(front.port(), "GET", "/authz/auth-request", fields);
    };
    const std::string silent = "Bearer realm=\"app\"";
    for (const char* value : {"", "B", "Be", "Bea", "Bear", "Beare", "Bearer", "Basic x", "Bearerx",
                              "aaaa.bbbb.cccc"}) {
        const auto answer = ask({std::string("Authorization: ") + value});
        EXPECT_EQ(answer.status, 401) << value;
        EXPECT_EQ(answer.field("WWW-Authenticate"), silent) << value;
    }
    for (const char* value : {"Bearer a b", "Bearer =", "Bearer x", "Bearer a.b", "Bearer a.b.c",
                              "bearer ......................"}) {
        const auto answer = ask({std::string("Authorization: ") + value});
        EXPECT_EQ(answer.status, 401) << value;
        EXPECT_EQ(answer.field("WWW-Authenticate"), silent + ", error=\"invalid_token\"") << value;
    }
    for (const auto& fields : {std::vector<std::string>{"Authorization: Bearer a, Bearer b"},
                               {"Authorization: Bearer a", "Authorization: Bearer a"},
                               {"Authorization: Basic a", "Authorization: Bearer a"}}) {
        const auto answer = ask(fields);
        EXPECT_EQ(answer.status, 401);
        EXPECT_EQ(answer.field("WWW-Authenticate"), silent + ", error=\"invalid_request\"");
    }
    EXPECT_EQ(ask({"Authorization: Bearer " + std::string(12'000, '.')}).status, 401);
    EXPECT_EQ(ask({"Authorization: Bearer " + std::string(65'536, 'a')}).status, 431);
}

std::string with_char(std::string token, std::size_t at, char c) {
    token[at] = c;
    return token;
}

TEST(authz, refuses_tokens_that_are_not_genuine_live_and_for_this_guard) {
    surface::options options;
    options.fleet.more_guards = {"admin"};
    surface front(options);
    const auto token = front.token_of("ann");
    const auto last = token.back();
    const auto first = token.find('.');
    const auto second = token.find('.', first + 1);
    const auto expired =
        front.sign([](token_claims& c) { c.expires_at = from_unix_seconds(1'000'000'000); }, token);
    const auto future =
        front.sign([](token_claims& c) { c.not_before = from_unix_seconds(4'000'000'000); }, token);
    const std::pair<const char*, std::string> table[] = {
        {"truncated", token.substr(0, token.size() - 1)},
        {"no signature", token.substr(0, second + 1)},
        {"two segments", token.substr(0, second)},
        {"four segments", token + ".x"},
        {"other signature",
         with_char(token, token.size() - 5, token[token.size() - 5] == 'A' ? 'B' : 'A')},
        {"respelled last character",
         with_char(token, token.size() - 1, static_cast<char>(last + 1))},
        {"padded", token + "="},
        {"other payload", with_char(token, first + 5, token[first + 5] == 'A' ? 'B' : 'A')},
        {"alg none",
         "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0" + token.substr(first, second - first + 1)},
        {"alg HS512", "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9" + token.substr(first)},
        {"expired", expired},
        {"not yet valid", future},
    };
    for (const auto& [what, bad] : table) {
        const auto answer = front.ask("GET", "/authz/auth-request", bad);
        EXPECT_EQ(answer.status, 401) << what;
        EXPECT_NE(answer.field("WWW-Authenticate").value_or("").find("error=\"invalid_token\""),
                  std::string::npos)
            << what;
    }
    EXPECT_EQ(front.ask("GET", "/authz/auth-request", expired).field("X-Holdfast-Reason"),
              "token_expired");
    EXPECT_EQ(front.ask("GET", "/authz/auth-request?guard=admin", token).status, 401);
    EXPECT_EQ(front.ask("GET", "/authz/auth-request?guard=none", token).status, 403);
    EXPECT_EQ(front.ask("GET", "/authz/auth-request?guard=app&guard=app", token).status, 403);
    EXPECT_EQ(front.ask("GET", "/authz/auth-request", token).status, 200);
}

TEST(authz, checks_the_same_token_of_an_inner_call) {
    surface front;
    const auto ask = [&](const std::vector<std::string>& fields) {
        return http_request(front.port(), "GET", "/authz/same-token", fields).status;
    };
    const auto& good = front.inner_token();
    EXPECT_EQ(ask({"SA-SAME-TOKEN: " + good}), 200);
    EXPECT_EQ(ask({}), 401);
    EXPECT_EQ(ask({"SA-SAME-TOKEN:"}), 401);
    EXPECT_EQ(ask({"SA-SAME-TOKEN: other"}), 401);
    EXPECT_EQ(ask({"SA-SAME-TOKEN: " + good, "SA-SAME-TOKEN: " + good}), 401);
}

}  // namespace
}  // namespace holdfast::test
