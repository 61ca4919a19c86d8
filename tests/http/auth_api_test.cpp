// /api/auth/*: the seed's bodies, honest statuses, one answer for each kind of input.
#include "http/answers.hpp"
#include "http/surface.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

fleet_options always_due() {
    fleet_options options;
    options.policy.ttl = seconds{60};
    options.policy.renew_window = seconds{60};
    return options;
}

TEST(auth_api, register_login_info_logout) {
    surface front;
    const auto body = R"({"account":"ann","password":"secret1","name":"Ann \"A\""})";
    const auto registered = front.post("/api/auth/register", body);
    EXPECT_EQ(registered.status, 200);
    EXPECT_EQ(registered.field("Cache-Control"), "no-store");
    EXPECT_TRUE(registered.body.starts_with(R"({"error_code":0,"data":{"access_token":")"));
    EXPECT_TRUE(registered.body.ends_with(R"("token_type":"bearer"},"message":"ok"})"));
    EXPECT_EQ(member(registered.body, "expires_in"), "43200");

    const auto login = front.post("/api/auth/login", body);
    const auto token = member(login.body, "access_token");
    const auto info = front.ask("POST", "/api/auth/info", token);
    EXPECT_EQ(info.status, 200);
    EXPECT_EQ(member(info.body, "account"), "ann");
    EXPECT_NE(info.body.find(R"("name":"Ann \"A\"")"), info.body.npos);
    EXPECT_NE(info.body.find(R"("created_at":"2)"), info.body.npos);
    EXPECT_EQ(info.body.find("secret1"), info.body.npos);

    const auto logout = front.ask("POST", "/api/auth/logout", token);
    EXPECT_EQ(logout.status, 200);
    EXPECT_EQ(logout.body, R"({"error_code":0,"data":null,"message":"ok"})");
    EXPECT_EQ(front.ask("POST", "/api/auth/info", token).status, 401);
}

TEST(auth_api, business_refusals) {
    surface front;
    const auto ann = credentials_json("ann", "secret1");
    EXPECT_EQ(front.post("/api/auth/register", ann).status, 200);
    const auto again = front.post("/api/auth/register", ann);
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(member(again.body, "error_code"), "40000");
    const auto wrong = front.post("/api/auth/login", credentials_json("ann", "secret2"));
    const auto unknown = front.post("/api/auth/login", credentials_json("bob", "secret1"));
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.body, unknown.body) << "tells which accounts exist";
    EXPECT_EQ(front.post("/api/auth/login?guard=none", ann).status, 404);
    EXPECT_EQ(front.post("/api/auth/login?guard=a&guard=b", ann).status, 400);
    EXPECT_EQ(front.post("/api/auth/login?guard=%00", ann).status, 400);
}

TEST(auth_api, registration_can_be_closed) {
    surface::options options;
    options.fleet.registration_open = false;
    surface front(options);
    EXPECT_EQ(front.post("/api/auth/register", credentials_json("ann", "secret1")).status, 403);
}

TEST(auth_api, too_many_attempts_are_429_and_say_when_to_return) {
    surface::options options;
    options.fleet.limits.account.burst = 3;
    surface front(options);
    raw_answer last;
    for (int i = 0; i < 10 && last.status != 429; ++i)
        last = front.post("/api/auth/login", credentials_json("ann", "wrong" + std::to_string(i)));
    EXPECT_EQ(last.status, 429);
    EXPECT_GT(std::stoi(last.field("Retry-After").value_or("0")), 0);
}

// Trouble in the store is 503 with a time to come back, whatever its kind, and never 401.
TEST(answers, table_of_errors) {
    const std::pair<errc, int> table[] = {
        {errc::token_missing, 401},     {errc::token_expired, 401},
        {errc::token_revoked, 401},     {errc::bad_credentials, 401},
        {errc::account_disabled, 403},  {errc::forbidden, 403},
        {errc::not_found, 404},         {errc::already_exists, 409},
        {errc::invalid_argument, 422},  {errc::rate_limited, 429},
        {errc::store_unavailable, 503}, {errc::store_loading, 503},
        {errc::not_leader, 503},        {errc::overloaded, 503},
        {errc::shutting_down, 503},     {errc::outcome_unknown, 503},
        {errc::timed_out, 503},         {errc::out_of_memory, 503},
        {errc::permission_denied, 503}, {errc::unsupported_server, 503},
        {errc::corrupt_data, 500},      {errc::script_error, 500},
        {errc::internal, 500},
    };
    for (const auto& [error, status] : table) {
        const auto answer = http::api_failure(error);
        EXPECT_EQ(answer.status(), status) << name_of(error);
        EXPECT_EQ(answer.find("Retry-After").has_value(), status == 503) << name_of(error);
    }
}

TEST(auth_api, registration_says_what_a_password_has_to_be) {
    surface front;
    for (const auto& password : {std::string("short"), std::string(257, 'x')}) {
        const auto refused = front.post("/api/auth/register", credentials_json("ann", password));
        EXPECT_EQ(refused.status, 422);
        EXPECT_NE(refused.body.find("6 to 256 bytes"), std::string::npos) << refused.body;
    }
}

TEST(auth_api, bad_bodies_change_nothing) {
    surface front;
    const std::pair<std::string, int> table[] = {
        {"", 400},
        {"x", 400},
        {"[]", 400},
        {"{}", 422},
        {R"({"account":1,"password":"secret1"})", 422},
        {R"({"account":"a","account":"b","password":"secret1"})", 400},
    };
    for (const auto& [body, status] : table) {
        for (const char* path : {"/api/auth/register", "/api/auth/login"}) {
            const auto answer = front.post(path, body);
            EXPECT_EQ(answer.status, status) << body;
            EXPECT_EQ(member(answer.body, "error_code"), "42200") << body;
        }
    }
    EXPECT_EQ(front.post("/api/auth/login", std::string(70'000, ' ')).status, 413);
}

TEST(auth_api, refuses_credentials_by_their_form) {
    surface front;
    const auto info = [&](const std::vector<std::string>& fields) {
        return front.post("/api/auth/info", "", fields);
    };
    const auto none = info({});
    EXPECT_EQ(none.status, 401);
    EXPECT_EQ(none.field("WWW-Authenticate"), "Bearer realm=\"app\"");
    EXPECT_EQ(member(none.body, "error_code"), "40100");
    EXPECT_EQ(info({"Authorization: Basic x"}).status, 401);
    const auto bad = info({"Authorization: Bearer x"});
    EXPECT_EQ(bad.status, 401);
    EXPECT_EQ(bad.field("WWW-Authenticate"), "Bearer realm=\"app\", error=\"invalid_token\"");
    const auto two = info({"Authorization: Bearer a", "Authorization: Bearer b"});
    EXPECT_EQ(two.status, 400);
    EXPECT_EQ(info({"Authorization: Bearer a,b"}).status, 400);
    EXPECT_EQ(info({"Authorization: Bearer " + std::string(9'000, 'a')}).status, 401);
}

TEST(auth_api, a_due_token_is_renewed_in_the_answer_and_no_cache_keeps_it) {
    surface::options options;
    options.fleet = always_due();
    surface front(options);
    const auto token = front.token_of("ann");
    const auto answer = front.ask("POST", "/api/auth/info", token);
    EXPECT_EQ(answer.status, 200);
    const auto renewed = answer.field("New-Token");
    ASSERT_TRUE(renewed);
    EXPECT_EQ(answer.field("New-Expires-In"), "60");
    EXPECT_EQ(answer.fields("Cache-Control"), std::vector<std::string>{"no-store"});
    EXPECT_EQ(front.ask("POST", "/api/auth/info", token).field("New-Token"), renewed);
    EXPECT_EQ(front.ask("POST", "/api/auth/info", *renewed).status, 200);
    const auto logout = front.ask("POST", "/api/auth/logout", token);
    EXPECT_FALSE(logout.field("New-Token"));
    EXPECT_EQ(front.ask("POST", "/api/auth/info", *renewed).status, 401);
}

TEST(auth_api, logout_all_ends_every_session) {
    surface front;
    const auto one = front.token_of("ann");
    const auto two = front.token_of("ann");
    const auto other = front.token_of("bob");
    EXPECT_EQ(front.ask("POST", "/api/auth/logout-all", one).status, 200);
    EXPECT_EQ(front.ask("POST", "/api/auth/info", two).status, 401);
    EXPECT_EQ(front.ask("POST", "/api/auth/info", other).status, 200);
    EXPECT_EQ(front.ask("POST", "/api/auth/logout?wait=soon", other).status, 400);
    EXPECT_EQ(front.ask("POST", "/api/auth/info", other).status, 200) << "changed something";
    EXPECT_EQ(front.ask("POST", "/api/auth/logout?wait=fleet", other).status, 200);
}

TEST(auth_api, seed_statuses_are_200_with_the_same_bodies) {
    surface::options options;
    options.seed_statuses = true;
    surface front(options);
    const auto answer = front.post("/api/auth/info", "");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(member(answer.body, "error_code"), "40100");
    EXPECT_EQ(front.post("/authz/auth-request", "").status, 401) << "gateways need the truth";
}

TEST(auth_api, a_store_that_is_away_is_503_and_never_401) {
    surface::options options;
    options.fleet.kind = store_kind::redis;
    surface front(options);
    const auto token = front.token_of("ann");
    front.stop_redis();
    const auto info = front.ask("POST", "/api/auth/info", token);
    EXPECT_EQ(info.status, 503);
    EXPECT_EQ(member(info.body, "error_code"), "50300");
    EXPECT_TRUE(info.field("Retry-After"));
    EXPECT_EQ(front.ask("GET", "/authz/auth-request", token).status, 503);
    EXPECT_EQ(front.post("/api/auth/login", credentials_json("ann", "secret1")).status, 503);
}

}  // namespace
}  // namespace holdfast::test
