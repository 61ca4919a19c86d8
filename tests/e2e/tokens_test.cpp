// Three daemons on one Redis: one successor for all, grace, logout from anywhere.
#include "e2e/daemon.hpp"
#include "support/redis_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

namespace holdfast::test {
namespace {

constexpr auto secret = "0123456789abcdef0123456789abcdef0123456789abcdef";

// Short-lived tokens that are always inside their renewal window: the article's test setting.
std::string config_for(const redis_server& redis, const std::string& users, std::string_view jwt) {
    return "store: { url: \"" + redis.url() + "\" }\njwt: { secret: " + secret + ", " +
           std::string(jwt) + " }\nguards: { app: { users: { sqlite: \"" + users +
           "/users.db\" }, registration: open } }\n";
}

class fleet : public testing::Test {
protected:
    void start(std::string_view jwt) {
        for (int i = 0; i < 3; ++i)
            nodes_.push_back(std::make_unique<daemon>(config_for(redis_, users_.path(), jwt)));
    }
    daemon& node(std::size_t i) { return *nodes_[i % 3]; }
    redis_server& redis() { return redis_; }

private:
    redis_server redis_{{"--appendonly", "yes"}};
    temporary_folder users_;
    std::vector<std::unique_ptr<daemon>> nodes_;
};

// What 32 simultaneous requests with one token got, spread over the three daemons.
struct burst {
    std::set<std::string> successors;
    int refused = 0;

    burst(std::vector<const daemon*> nodes, const std::string& token) {
        std::vector<std::pair<int, std::string>> answers(32);
        std::atomic<int> at_the_line{0};
        {
            std::vector<std::jthread> clients;
            for (std::size_t i = 0; i < answers.size(); ++i)
                clients.emplace_back([&, i] {
                    ++at_the_line;
                    while (at_the_line < 32) std::this_thread::yield();
                    answers[i].first = nodes[i % nodes.size()]->check(token, &answers[i].second);
                });
        }
        for (const auto& [status, renewed] : answers) {
            refused += status != 200;
            if (!renewed.empty()) successors.insert(renewed);
        }
    }
};

TEST_F(fleet, one_successor_a_round_and_nobody_refused) {
    start("jwt_ttl: 600, refresh_grace_period: 600, jwt_blacklist_grace_period: 2");
    const std::vector<const daemon*> nodes{&node(0), &node(1), &node(2)};
    for (int round = 0; round < 50; ++round) {
        const auto token = node(0).sign_in("user" + std::to_string(round), true);
        const burst got(nodes, token);
        ASSERT_EQ(got.refused, 0) << "round " << round;
        ASSERT_EQ(got.successors.size(), 1u) << "round " << round;
    }
}

TEST_F(fleet, the_old_token_dies_everywhere_after_the_grace) {
    start("jwt_ttl: 600, refresh_grace_period: 600, jwt_blacklist_grace_period: 1");
    const auto old = node(0).sign_in("alice", true);
    std::string fresh;
    ASSERT_EQ(node(0).check(old, &fresh), 200);
    ASSERT_FALSE(fresh.empty());
    ASSERT_EQ(node(1).check(fresh), 200);  // confirms it: the grace begins
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    for (std::size_t i = 0; i < 3; ++i)
        while (node(i).check(old) != 401)
            ASSERT_LT(std::chrono::steady_clock::now(), until) << "still accepted on node " << i;
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(node(i).check(fresh), 200);
}

TEST_F(fleet, logout_with_either_token_kills_both) {
    start("jwt_ttl: 600, refresh_grace_period: 600, jwt_blacklist_grace_period: 60");
    for (const bool with_old : {true, false}) {
        const auto old = node(0).sign_in(with_old ? "bob" : "carol", true);
        std::string fresh;
        ASSERT_EQ(node(1).check(old, &fresh), 200);
        const auto& used = with_old ? old : fresh;
        EXPECT_EQ(node(2).post("/api/auth/logout?wait=fleet", "", {bearer(used)}).status, 200);
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_EQ(node(i).check(old), 401);
            EXPECT_EQ(node(i).check(fresh), 401);
        }
    }
}

TEST_F(fleet, logout_beats_renewal_in_every_race) {
    start("jwt_ttl: 600, refresh_grace_period: 600, jwt_blacklist_grace_period: 60");
    const auto first = node(0).sign_in("dave", true);
    for (std::size_t round = 0; round < 300; ++round) {
        const auto token = round == 0 ? first : node(round).sign_in("dave", false);
        std::string renewed;
        {
            std::jthread renews([&] { node(round + 1).check(token, &renewed); });
            std::jthread leaves(
                [&] { node(round + 2).post("/api/auth/logout?wait=fleet", "", {bearer(token)}); });
        }
        ASSERT_EQ(node(round).check(token), 401) << "round " << round;
        if (!renewed.empty()) {
            ASSERT_EQ(node(round).check(renewed), 401) << "round " << round;
        }
    }
}

// 503 while the store is away, never 401; afterwards everything goes on by itself.
TEST_F(fleet, a_store_that_is_away_logs_nobody_out) {
    start("jwt_ttl: 600, refresh_grace_period: 60, jwt_blacklist_grace_period: 2");
    const auto token = node(0).sign_in("erin", true);
    for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(node(i).check(token), 200);
    redis().stop();
    const auto until = [](auto reached) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (!reached()) ASSERT_LT(std::chrono::steady_clock::now(), limit);
    };
    for (std::size_t i = 0; i < 3; ++i)
        until([&] {
            const auto status = node(i).check(token);
            EXPECT_TRUE(status == 200 || status == 503) << status;
            return status == 503;
        });
    EXPECT_EQ(node(0).get("/healthz").status, 200);
    EXPECT_EQ(node(0).get("/readyz").status, 503);
    redis().start();
    for (std::size_t i = 0; i < 3; ++i)
        until([&] {
            const auto status = node(i).check(token);
            EXPECT_TRUE(status == 200 || status == 503) << status;
            return status == 200;
        });
}

}  // namespace
}  // namespace holdfast::test
