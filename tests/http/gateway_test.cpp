// The shipped nginx and Caddy configurations in front of an application: what reaches whom.
#include "http/gateways.hpp"
#include "http/serving.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

/// Answers as /authz/* does, by the text of the token; tests/http/authz_test.cpp checks the real
/// one.
task<http::response> decide(const http::request& asked) {
    const auto token = asked.headers.find("Authorization").value_or("");
    http::response made(token == "Bearer trouble" ? 503 : 200);
    if (token == "Bearer due" || token == "Bearer good") {
        made.header("X-User-Id", "42").header("X-User-Guard", "app");
        made.header("SA-SAME-TOKEN", token == "Bearer good" ? "" : "inner");
    } else if (made.status() == 200) {
        made.set_status(401);
        made.header("WWW-Authenticate", "Bearer realm=\"app\"");
    }
    if (token == "Bearer due") made.header("New-Token", "fresh").header("New-Expires-In", "60");
    made.header("Cache-Control", "no-store");
    co_return made;
}

/// The application: answers with the request it got, and tries to answer for us as well.
task<http::response> application(const http::request& asked) {
    std::string text(asked.method);
    text.append(" ").append(asked.target).append("\n");
    for (const auto& [name, value] : asked.headers.all())
        text.append(name).append(": ").append(value).append("\n");
    text.append("\n").append(asked.body);
    http::response made(200);
    made.header("New-Token", "the application's").content("text/plain", std::move(text));
    co_return made;
}

using make_gateway = gateway (*)(gateway_ports);

struct named_gateway {
    const char* name;
    make_gateway make;
};

class gateway_rules : public testing::TestWithParam<named_gateway> {
protected:
    serving holdfast_{decide};
    serving application_{application};
    gateway front_ = GetParam().make({holdfast_.port(), application_.port()});

    raw_answer ask(const std::string& token, std::vector<std::string> more = {}) {
        if (!token.empty()) more.push_back("Authorization: Bearer " + token);
        return http_request(front_.port(), "GET", "/orders?page=2", more);
    }
};

/// The values of a field in the application's echo.
std::vector<std::string> upstream_values(const raw_answer& answer, const std::string& name) {
    raw_answer as_head;
    as_head.head = "\r\n";
    for (const char c : answer.body)
        as_head.head += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return as_head.fields(name);
}

const std::vector<std::string> forged{
    "X-User-Id: root",    "x-user-id: root",     "X-User-Guard: admin", "X_User_Id: root",
    "X_User_Guard: root", "SA-SAME-TOKEN: root", "SA_SAME_TOKEN: root", "sa-same-token: root",
    "New-Token: root",    "New-Expires-In: root"};

TEST_P(gateway_rules, an_accepted_request_carries_the_identity_to_the_application) {
    const auto answer = ask("due");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body.substr(0, answer.body.find('\n')), "GET /orders?page=2");
    EXPECT_EQ(upstream_values(answer, "X-User-Id"), std::vector<std::string>{"42"});
    EXPECT_EQ(upstream_values(answer, "X-User-Guard"), std::vector<std::string>{"app"});
    EXPECT_EQ(upstream_values(answer, "SA-SAME-TOKEN"), std::vector<std::string>{"inner"});
}

TEST_P(gateway_rules, a_renewed_token_reaches_the_client_and_nobody_caches_it) {
    const auto answer = ask("due");
    EXPECT_EQ(answer.fields("New-Token"), std::vector<std::string>{"fresh"});
    EXPECT_EQ(answer.fields("New-Expires-In"), std::vector<std::string>{"60"});
    EXPECT_EQ(answer.field("Cache-Control"), "no-store");
    EXPECT_TRUE(upstream_values(answer, "New-Token").empty());
}

TEST_P(gateway_rules, forged_identities_never_reach_the_application) {
    for (const std::string token : {"due", "good"}) {
        SCOPED_TRACE(token);
        const auto answer = ask(token, forged);
        ASSERT_EQ(answer.status, 200);
        EXPECT_EQ(upstream_values(answer, "X-User-Id"), std::vector<std::string>{"42"});
        EXPECT_EQ(answer.body.find("root"), answer.body.npos) << answer.body;
        EXPECT_EQ(answer.body.find("admin"), answer.body.npos) << answer.body;
        EXPECT_EQ(answer.body.find("{http."), answer.body.npos) << "a placeholder as text";
    }
}

TEST_P(gateway_rules, a_refused_request_never_reaches_the_application) {
    for (const std::string token : {"", "bad"}) {
        const auto answer = ask(token);
        EXPECT_EQ(answer.status, 401);
        EXPECT_EQ(answer.fields("WWW-Authenticate").size(), 1u);
        EXPECT_EQ(answer.body.find("orders"), answer.body.npos);
    }
}

TEST_P(gateway_rules, trouble_is_503_and_not_401) {
    EXPECT_EQ(ask("trouble").status, 503);
    holdfast_.drain(milliseconds{0});
    const auto answer = ask("good");
    EXPECT_TRUE(answer.status == 503 || answer.status == 502) << answer.status;
}

TEST_P(gateway_rules, bodies_go_to_the_application_and_not_to_the_question) {
    const std::string body(20'000, 'b');
    const auto answer = http_request(front_.port(), "POST", "/orders",
                                     {"Authorization: Bearer good", "Content-Type: a/b"}, body);
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body.starts_with("POST /orders\n"));
    EXPECT_TRUE(answer.body.ends_with("\n" + body));
}

TEST_P(gateway_rules, login_goes_straight_to_holdfast) {
    const auto answer =
        http_request(front_.port(), "POST", "/api/auth/login", {"Authorization: Bearer due"}, "{}");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("X-User-Id"), "42") << "the stand-in answered itself";
}

INSTANTIATE_TEST_SUITE_P(real, gateway_rules,
                         testing::Values(named_gateway{"nginx", &gateway::nginx},
                                         named_gateway{"caddy", &gateway::caddy}),
                         [](const auto& at) { return std::string(at.param.name); });

}  // namespace
}  // namespace holdfast::test
