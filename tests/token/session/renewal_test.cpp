// Renewal on one store shared by three nodes: one successor for everybody, grace, logout first.
#include "fleet.hpp"

#include <gtest/gtest.h>
#include <boost/asio/detached.hpp>

#include <set>

namespace holdfast::test {
namespace {

/// The article's test setting: the window is the whole life, so a call right after login renews.
token_policy always_due() {
    token_policy policy;
    policy.renew_window = policy.ttl;
    return policy;
}

class on_both_stores : public testing::TestWithParam<store_kind> {
protected:
    fleet_options three_nodes(token_policy policy) {
        fleet_options options;
        options.kind = GetParam();
        options.nodes = 3;
        options.policy = policy;
        return options;
    }
};

INSTANTIATE_TEST_SUITE_P(renewal, on_both_stores,
                         testing::Values(store_kind::embedded, store_kind::redis),
                         [](const auto& info) {
                             return info.param == store_kind::redis ? "redis" : "embedded";
                         });

/// The distinct successors among the answers; every request must have been accepted.
std::set<std::string> successors(const std::vector<result<accepted>>& answers) {
    std::set<std::string> tokens;
    for (const auto& answer : answers) {
        EXPECT_TRUE(answer.has_value()) << answer.error().message();
        if (answer && answer->renewed) tokens.insert(answer->renewed->access_token);
    }
    return tokens;
}

TEST_P(on_both_stores, gives_one_successor_to_32_simultaneous_requests_50_times) {
    fleet all(three_nodes(always_due()));
    const auto first = all.register_user("ann");
    for (int round = 0; round < 50; ++round) {
        const auto token = all.login(0, "ann", good_password).token.value().access_token;
        const auto answers = all.authenticate_all(32, token);
        const auto tokens = successors(answers);
        ASSERT_EQ(tokens.size(), 1U) << "round " << round;
        const auto claims = all.claims_of(*tokens.begin());
        EXPECT_EQ(claims.generation, 2U);
        EXPECT_EQ(claims.jti, claims.sid + ".2");
        EXPECT_EQ(claims.sid, all.claims_of(token).sid);
    }
}

TEST_P(on_both_stores, leaves_no_session_alive_when_renewal_races_logout_300_times) {
    fleet all(three_nodes(always_due()));
    const auto first = all.register_user("ann");
    int alive = 0;
    for (int round = 0; round < 300; ++round) {
        const auto token = all.login(0, "ann", good_password).token.value().access_token;
        const auto who = all.authenticate(2, first).value();
        const auto sid = session_id(all.claims_of(token).sid);
        const accepted mine{all.guard,      who.user,        sid,         1,
                            who.expires_at, milliseconds{0}, std::nullopt};
        std::optional<result<accepted>> renewed;
        boost::asio::co_spawn(all.world.context,
                              keep_answer(all.node(0).authenticate(all.guard, token), renewed),
                              boost::asio::detached);
        auto out = all.world.run(all.node(1).logout(mine, logout_reach::store));
        ASSERT_TRUE(out.has_value());
        while (!renewed) all.pass(milliseconds{1});
        alive += all.authenticate(2, token).has_value();
        if (*renewed && (*renewed)->renewed)
            alive += all.authenticate(1, (*renewed)->renewed->access_token).has_value();
    }
    EXPECT_EQ(alive, 0);
}

TEST_P(on_both_stores, kills_the_old_token_everywhere_after_the_grace) {
    auto policy = always_due();
    policy.grace = milliseconds{300};
    fleet all(three_nodes(policy));
    const auto old = all.register_user("ann");
    const auto next = all.authenticate(0, old).value().renewed.value().access_token;
    // Unconfirmed: the answer may have been lost, so the old token keeps giving the same successor.
    all.pass(milliseconds{400});
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(all.authenticate(i, old).value().renewed.value().access_token, next);
    ASSERT_TRUE(all.authenticate(1, next).has_value());
    EXPECT_TRUE(all.authenticate(2, old).has_value());
    all.pass(milliseconds{350});
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(all.authenticate(i, old).error(), errc::token_revoked);
        EXPECT_TRUE(all.authenticate(i, next).has_value());
    }
    EXPECT_GE(all.events.count(event_kind::token_reused), 3);
}

TEST_P(on_both_stores, counts_the_grace_from_minting_when_told_so) {
    auto policy = always_due();
    policy.grace = milliseconds{300};
    policy.retire = retire_rule::mint;
    fleet all(three_nodes(policy));
    const auto old = all.register_user("ann");
    ASSERT_TRUE(all.authenticate(0, old).value().renewed.has_value());
    EXPECT_TRUE(all.authenticate(1, old).has_value());
    all.pass(milliseconds{350});
    EXPECT_EQ(all.authenticate(1, old).error(), errc::token_revoked);
}

TEST_P(on_both_stores, never_lets_three_generations_live) {
    auto policy = always_due();
    policy.grace = milliseconds{300};
    fleet all(three_nodes(policy));
    const auto first = all.register_user("ann");
    const auto second = all.authenticate(0, first).value().renewed.value().access_token;
    EXPECT_FALSE(all.authenticate(0, second).value().renewed.has_value());
    all.pass(milliseconds{350});
    const auto third = all.authenticate(1, second).value().renewed;
    ASSERT_TRUE(third.has_value());
    EXPECT_EQ(all.authenticate(2, first).error(), errc::token_revoked);
    EXPECT_TRUE(all.authenticate(2, second).has_value());
    EXPECT_EQ(all.claims_of(third->access_token).generation, 3U);
}

TEST_P(on_both_stores, logout_with_either_token_kills_both) {
    fleet all(three_nodes(always_due()));
    for (const bool with_old : {true, false}) {
        const auto old = with_old ? all.register_user("ann")
                                  : all.login(0, "ann", good_password).token.value().access_token;
        auto who = all.authenticate(0, old).value();
        const auto next = who.renewed.value().access_token;
        if (!with_old) who = all.authenticate(1, next).value();
        ASSERT_TRUE(all.world.run(all.node(2).logout(who, logout_reach::store)).has_value());
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_EQ(all.authenticate(i, old).error(), errc::token_revoked);
            EXPECT_EQ(all.authenticate(i, next).error(), errc::token_revoked);
        }
    }
}

TEST_P(on_both_stores, logout_of_all_sessions_spares_a_login_of_the_same_second) {
    fleet all(three_nodes({}));
    const auto one = all.register_user("ann");
    const auto two = all.login(1, "ann", good_password).token.value().access_token;
    const auto who = all.authenticate(0, one).value();
    const auto out =
        all.world.run(all.node(0).logout_all(all.guard, who.user, logout_reach::store));
    ASSERT_TRUE(out.has_value());
    const auto three = all.login(2, "ann", good_password).token.value().access_token;
    EXPECT_EQ(all.authenticate(1, one).error(), errc::token_revoked);
    EXPECT_EQ(all.authenticate(2, two).error(), errc::token_revoked);
    EXPECT_TRUE(all.authenticate(0, three).has_value());
}

}  // namespace
}  // namespace holdfast::test
