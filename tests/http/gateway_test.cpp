// The shipped nginx and Caddy configurations between a client, a real `holdfast serve` and an
// application: what reaches whom.
#include "e2e/daemon.hpp"
#include "http/gateways.hpp"
#include "http/serving.hpp"
#include "support/redis_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>

namespace holdfast::test {
namespace {

/// The application: answers with the request it got, and tries to answer for us as well.
task<http::response> application(const http::request& asked) {
    std::string text(asked.method);
    text.append(" ").append(asked.target).append("\n");
    for (const auto& [name, value] : asked.headers.all())
        text.append(name).append(": ").append(value).append("\n");
    text.append("\n").append(asked.body);
    http::response made(asked.target == "/broken" ? 500 : 200);
    made.header("New-Token", "the application's").content("text/plain", std::move(text));
    co_return made;
}

using make_gateway = gateway (*)(gateway_ports, std::string_view);

struct named_gateway {
    const char* name;
    make_gateway make;
};

// Every token of `app` renews at its first use (the article's test setting), and its successor not
// before the old one is dead: so there is one of either kind at hand.
std::string config_for(const redis_server& redis) {
    return "store: { url: \"" + redis.url() +
           "\" }\n"
           "jwt: { secret: 0123456789abcdef0123456789abcdef, jwt_ttl: 600,\n"
           "       refresh_grace_period: 600, jwt_blacklist_grace_period: 300 }\n"
           "guards: { app: { registration: open }, admin: { registration: open } }\n";
}

class gateway_rules : public testing::TestWithParam<named_gateway> {
protected:
    redis_server redis_{{"--appendonly", "yes", "--appendfsync", "always"}};
    daemon holdfast_{config_for(redis_)};
    serving application_{application};
    gateway front_ = GetParam().make({holdfast_.port(), application_.port()}, "");
    std::string due_ = holdfast_.sign_in("ada", true);
    std::string good_ = successor_of(due_);

    std::string successor_of(const std::string& token) {
        std::string renewed;
        holdfast_.check(token, &renewed);
        holdfast_.check(renewed);  // in use from now on: the old one is in its grace
        return renewed;
    }
    raw_answer ask(const std::string& token, std::vector<std::string> more = {},
                   std::string_view target = "/orders?page=2") const {
        if (!token.empty()) more.push_back(bearer(token));
        return http_request(front_.port(), "GET", target, more);
    }
    /// Asks until the answer is `wanted`; on the way only that and 200 may come.
    void ask_until(const std::string& token, int wanted) const {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        for (int status = 0; status != wanted;) {
            status = ask(token).status;
            ASSERT_TRUE(status == wanted || status == 200 || status == 503) << status;
            ASSERT_LT(std::chrono::steady_clock::now(), limit);
        }
    }
    std::string same_token() const { return redis_.cli({"GET", "satoken:var:same-token"}); }
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
    "X-User-Id: root",     "x-user-id: root",     "X-User-Guard: forged-guard",
    "X_User_Id: root",     "X_User_Guard: root",  "SA-SAME-TOKEN: root",
    "SA_SAME_TOKEN: root", "sa-same-token: root", "New-Token: root",
    "New-Expires-In: root"};

TEST_P(gateway_rules, an_accepted_request_carries_the_identity_to_the_application) {
    for (const auto& token : {due_, good_}) {
        const auto answer = ask(token);
        ASSERT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.body.substr(0, answer.body.find('\n')), "GET /orders?page=2");
        EXPECT_EQ(upstream_values(answer, "X-User-Id"), std::vector<std::string>{"1"});
        EXPECT_EQ(upstream_values(answer, "X-User-Guard"), std::vector<std::string>{"app"});
        EXPECT_EQ(upstream_values(answer, "SA-SAME-TOKEN"), std::vector<std::string>{same_token()});
    }
}

TEST_P(gateway_rules, a_renewed_token_reaches_the_client_and_nobody_caches_it) {
    const auto answer = ask(due_);
    EXPECT_EQ(answer.fields("New-Token"), std::vector<std::string>{good_});
    ASSERT_EQ(answer.fields("New-Expires-In").size(), 1u);
    EXPECT_GT(std::stoi(*answer.field("New-Expires-In")), 500);
    EXPECT_EQ(answer.field("Cache-Control"), "no-store");
    EXPECT_TRUE(upstream_values(answer, "New-Token").empty());
}

TEST_P(gateway_rules, forged_identities_never_reach_the_application) {
    for (const auto& token : {due_, good_}) {
        const auto answer = ask(token, forged);
        ASSERT_EQ(answer.status, 200);
        EXPECT_EQ(upstream_values(answer, "X-User-Id"), std::vector<std::string>{"1"});
        EXPECT_EQ(upstream_values(answer, "SA-SAME-TOKEN"), std::vector<std::string>{same_token()});
        EXPECT_EQ(answer.body.find("root"), answer.body.npos) << answer.body;
        EXPECT_EQ(answer.body.find("forged-guard"), answer.body.npos) << answer.body;
        EXPECT_EQ(answer.body.find("{http."), answer.body.npos) << "a placeholder as text";
    }
}

// Who may pass is the site's to say, not the address line's.
TEST_P(gateway_rules, the_client_cannot_choose_the_guard) {
    const auto body = R"({"account":"root","password":"correct horse"})";
    const auto made = holdfast_.post("/api/auth/register?guard=admin", body);
    const auto admin = json_text(made.body, "access_token");
    ASSERT_FALSE(admin.empty()) << made.body;
    EXPECT_EQ(ask(admin, {}, "/orders?guard=admin").status, 401);
    const auto own = ask(good_, {}, "/orders?guard=admin");
    EXPECT_EQ(own.status, 200);
    EXPECT_EQ(upstream_values(own, "X-User-Guard"), std::vector<std::string>{"app"});
}

TEST_P(gateway_rules, a_refused_request_never_reaches_the_application) {
    for (const auto& token : {std::string(), std::string("bad"), good_ + "x"}) {
        const auto answer = ask(token);
        EXPECT_EQ(answer.status, 401);
        EXPECT_EQ(answer.fields("WWW-Authenticate").size(), 1u);
        EXPECT_EQ(answer.body.find("orders"), answer.body.npos);
    }
}

TEST_P(gateway_rules, a_forbidden_request_is_403) {
    const auto strict =
        GetParam().make({holdfast_.port(), application_.port()}, "?guard=no-such-guard");
    const auto answer = http_request(strict.port(), "GET", "/orders", {bearer(good_)});
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body.find("orders"), answer.body.npos);
}

TEST_P(gateway_rules, a_store_that_is_away_is_503_and_not_401) {
    redis_.stop();
    ask_until(good_, 503);
    redis_.start();
    ask_until(good_, 200);
}

TEST_P(gateway_rules, a_holdfast_that_is_gone_is_503_and_not_401) {
    holdfast_.process().signal(SIGKILL);
    holdfast_.process().wait();
    const auto answer = ask(good_);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.field("Retry-After"), "1");
    const auto login = http_request(front_.port(), "POST", "/api/auth/login", {}, "{}");
    EXPECT_EQ(login.status, 503);
    holdfast_.start();
    ask_until(good_, 200);
}

TEST_P(gateway_rules, the_applications_own_failures_stay_its_own) {
    EXPECT_EQ(ask(good_, {}, "/broken").status, 500);
    const auto lonely = GetParam().make({holdfast_.port(), free_port()}, "");
    EXPECT_EQ(http_request(lonely.port(), "GET", "/orders", {bearer(good_)}).status, 502);
}

TEST_P(gateway_rules, bodies_go_to_the_application_and_not_to_the_question) {
    const std::string body(20'000, 'b');
    const auto answer =
        http_request(front_.port(), "POST", "/orders", {bearer(good_), "Content-Type: a/b"}, body);
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body.starts_with("POST /orders\n"));
    EXPECT_TRUE(answer.body.ends_with("\n" + body));
}

TEST_P(gateway_rules, login_goes_straight_to_holdfast) {
    const auto body = R"({"account":"ada","password":"correct horse"})";
    const auto answer = http_request(front_.port(), "POST", "/api/auth/login", {}, body);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(holdfast_.check(json_text(answer.body, "access_token")), 200);
}

INSTANTIATE_TEST_SUITE_P(real, gateway_rules,
                         testing::Values(named_gateway{"nginx", &gateway::nginx},
                                         named_gateway{"caddy", &gateway::caddy}),
                         [](const auto& at) { return std::string(at.param.name); });

}  // namespace
}  // namespace holdfast::test
