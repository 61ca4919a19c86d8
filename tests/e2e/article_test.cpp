// The article's two configurations, key for key as it writes them, on the real daemon.
#include "e2e/daemon.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace holdfast::test {
namespace {

// The article's own secret, from its config.yaml.
constexpr auto secret = "3Bde3BGEbYqtqyEUzW3ry8jKFcaPH17fRmTmqE7MDr05Lwj95uruRKrrkb44TJ4s";

std::string with_jwt(const std::string& rest) {
    return "jwt:\n  secret: " + std::string(secret) + "\n" + rest +
           "guards: { app: { registration: open }, admin: { registration: open } }\n";
}

TEST(articles_configuration, does_not_renew_a_fresh_token) {
    const daemon node(
        with_jwt("  jwt_ttl: 43200\n  jwt_blacklist_grace_period: 10\n"
                 "  refresh_grace_period: 1800\n"));
    const auto login = node.post("/api/auth/register", R"({"account":"ada","password":"secret1"})");
    EXPECT_NE(login.body.find("\"expires_in\":43200"), std::string::npos) << login.body;
    const auto token = json_text(login.body, "access_token");
    const auto info = node.post("/api/auth/info", "", {bearer(token)});
    EXPECT_EQ(info.status, 200);
    EXPECT_FALSE(info.field("new-token"));
    EXPECT_FALSE(info.field("new-expires-in"));
}

// "a large value for now, to be sure that the condition for renewal is met"
TEST(articles_configuration, with_its_test_setting_renews_the_first_call_after_login) {
    const daemon node(
        with_jwt("  jwt_ttl: 43200\n  jwt_blacklist_grace_period: 2\n"
                 "  refresh_grace_period: 43200\n"));
    const auto old = node.sign_in("ada", true);
    const auto info = node.post("/api/auth/info", "", {bearer(old)});
    EXPECT_EQ(info.status, 200);
    const auto renewed = info.field("new-token").value_or("");
    ASSERT_FALSE(renewed.empty());
    EXPECT_NE(renewed, old);
    EXPECT_GT(std::stoi(info.field("new-expires-in").value_or("0")), 43'190);
    EXPECT_EQ(info.field("Cache-Control"), "no-store");

    // Within the grace both pass, and the old one is answered with the same successor.
    EXPECT_EQ(node.post("/api/auth/info", "", {bearer(renewed)}).status, 200);
    std::string again;
    EXPECT_EQ(node.check(old, &again), 200);
    EXPECT_EQ(again, renewed);
    EXPECT_TRUE(wait_until([&] { return node.check(old) == 401; }));
    EXPECT_EQ(node.check(renewed), 200);
}

TEST(articles_configuration, renews_inside_the_window_before_expiry_and_not_earlier) {
    const daemon node(
        with_jwt("  jwt_ttl: 6\n  jwt_blacklist_grace_period: 1\n"
                 "  refresh_grace_period: 3\n"));
    const auto token = node.sign_in("ada", true);
    const auto began = std::chrono::steady_clock::now();
    std::string renewed;
    ASSERT_EQ(node.check(token, &renewed), 200);
    EXPECT_TRUE(renewed.empty());
    ASSERT_TRUE(wait_until([&] { return node.check(token, &renewed) != 200 || !renewed.empty(); }));
    EXPECT_FALSE(renewed.empty()) << "it expired before it was renewed";
    EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::seconds{1});
    EXPECT_EQ(node.check(renewed), 200);
}

// GetUserInfo(GuardName, id): the same number is another person at another guard.
TEST(articles_configuration, looks_a_user_up_in_the_table_of_its_guard) {
    const daemon node(with_jwt(""));
    const auto account = [&](const std::string& guard, const std::string& name) {
        const auto body = R"({"account":")" + name + R"(","password":"secret1"})";
        const auto made = node.post("/api/auth/register?guard=" + guard, body);
        const auto token = json_text(made.body, "access_token");
        const auto info = node.post("/api/auth/info?guard=" + guard, "", {bearer(token)});
        EXPECT_EQ(json_text(info.body, "id"), "1") << info.body;
        return json_text(info.body, "account");
    };
    EXPECT_EQ(account("app", "ada"), "ada");
    EXPECT_EQ(account("admin", "root"), "root");
    EXPECT_EQ(node.post("/api/auth/info?guard=nobody", "", {}).status, 401);
}

}  // namespace
}  // namespace holdfast::test
