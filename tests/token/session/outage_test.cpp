// Trouble in the store: never a refusal, nobody logged out, no revoked session back.
#include "fleet.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace holdfast::test {
namespace {

/// The user revoked one session, kept another; both were known before the trouble began.
struct two_sessions {
    std::string kept;
    std::string ended;
};

two_sessions prepare(fleet& all) {
    two_sessions tokens{all.register_user("ann"),
                        all.login(0, "ann", good_password).token.value().access_token};
    EXPECT_TRUE(all.authenticate(1, tokens.kept).has_value());
    const auto who = all.authenticate(0, tokens.ended).value();
    EXPECT_TRUE(all.world.run(all.node(0).logout(who, logout_reach::store)).has_value());
    EXPECT_EQ(all.authenticate(1, tokens.ended).error(), errc::token_revoked);
    all.pass(milliseconds{300});  // one probe of every follower
    return tokens;
}

/// Until the token gets the answer, with the store's trouble as the only other one allowed.
void expect_eventually(fleet& all, std::size_t node, const std::string& token, error_code wanted) {
    for (int i = 0; i < 200; ++i) {
        const auto answer = all.authenticate(node, token);
        const auto got = answer ? error_code{} : answer.error();
        if (got == wanted) return;
        ASSERT_TRUE(wanted || got != condition::denied) << got.message();
        all.pass(milliseconds{50});
    }
    FAIL() << "never " << wanted.message();
}

TEST(outage, of_a_paused_redis_is_never_a_refusal) {
    fleet all({.kind = store_kind::redis, .nodes = 2});
    const auto token = all.register_user("ann");
    ASSERT_TRUE(all.authenticate(1, token).has_value());
    all.redis().process().signal(SIGSTOP);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto error = all.authenticate(i, token).error();
        EXPECT_TRUE(error == condition::retry || error == condition::unknown) << error.message();
    }
    const auto login = all.login(0, "ann", good_password).token.error();
    EXPECT_TRUE(login == condition::retry || login == condition::unknown) << login.message();
    all.redis().process().signal(SIGCONT);
    expect_eventually(all, 0, token, {});
    expect_eventually(all, 1, token, {});
}

TEST(outage, with_persistence_loses_no_session) {
    fleet all({.kind = store_kind::redis, .nodes = 2, .keep_redis_data = true});
    const auto token = all.register_user("ann");
    all.redis().stop(SIGTERM);
    EXPECT_NE(all.authenticate(0, token).error(), condition::denied);
    all.redis().start();
    expect_eventually(all, 0, token, {});
    expect_eventually(all, 1, token, {});
}

TEST(outage, that_lost_all_data_logs_nobody_out_and_brings_no_revoked_session_back) {
    fleet all({.kind = store_kind::redis, .nodes = 2, .follow = true});
    const auto tokens = prepare(all);
    all.redis().stop(SIGKILL);
    all.redis().start();
    expect_eventually(all, 1, tokens.ended, errc::token_revoked);
    // Until a node has vouched there may be no answer; there is never a wrong one.
    for (int i = 0; i < 200; ++i) {
        const auto answer = all.authenticate(0, tokens.kept);
        if (answer) break;
        ASSERT_NE(answer.error(), condition::denied) << answer.error().message();
        all.pass(milliseconds{50});
    }
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(all.authenticate(i, tokens.kept).has_value());
        EXPECT_EQ(all.authenticate(i, tokens.ended).error(), errc::token_revoked);
    }
}

TEST(outage, flushall_keeps_the_epoch_of_a_user_who_logged_out_everywhere) {
    fleet all({.kind = store_kind::redis, .nodes = 2, .follow = true});
    const auto old = all.register_user("ann");
    const auto who = all.authenticate(0, old).value();
    ASSERT_TRUE(all.world.run(all.node(0).logout_all(all.guard, who.user, logout_reach::store))
                    .has_value());
    const auto fresh = all.login(0, "ann", good_password).token.value().access_token;
    all.pass(milliseconds{300});
    all.redis().cli({"FLUSHALL"});
    for (int i = 0; i < 200 && !all.authenticate(1, fresh); ++i) all.pass(milliseconds{50});
    EXPECT_TRUE(all.authenticate(1, fresh).has_value());
    EXPECT_EQ(all.authenticate(1, old).error(), errc::token_revoked);
}

TEST(outage, without_anybody_who_remembers_ends_the_sessions) {
    fleet all({.kind = store_kind::redis});
    const auto token = all.register_user("ann");
    all.redis().cli({"FLUSHALL"});
    EXPECT_EQ(all.authenticate(0, token).error(), errc::token_revoked);
}

TEST(outage, of_the_user_table_only_postpones_renewal) {
    token_policy policy;
    policy.renew_window = policy.ttl;
    fleet all({.policy = policy});
    const auto token = all.register_user("ann");
    all.users->trouble = errc::store_unavailable;
    const auto answer = all.authenticate(0, token);
    ASSERT_TRUE(answer.has_value());
    EXPECT_FALSE(answer->renewed.has_value());
    EXPECT_EQ(all.users->lookups, 1);
}

TEST(outage, a_user_who_is_gone_is_no_outage) {
    token_policy policy;
    policy.renew_window = policy.ttl;
    fleet all({.nodes = 2, .policy = policy});
    const auto token = all.register_user("ann");
    all.users->trouble = errc::not_found;
    EXPECT_EQ(all.authenticate(0, token).error(), errc::token_revoked);
    all.users->trouble = errc{};
    EXPECT_EQ(all.authenticate(1, token).error(), errc::token_revoked);
}

TEST(clocks, of_one_node_ten_minutes_off_change_no_answer) {
    for (const auto shift : {minutes{-10}, minutes{10}}) {
        token_policy policy;
        policy.ttl = seconds{300};
        policy.renew_window = seconds{60};
        fleet all(
            {.kind = store_kind::redis, .nodes = 2, .policy = policy, .last_node_off = shift});
        const auto token = all.register_user("ann");
        for (std::size_t i = 0; i < 2; ++i) {
            const auto answer = all.authenticate(i, token);
            ASSERT_TRUE(answer.has_value()) << answer.error().message();
            EXPECT_FALSE(answer->renewed.has_value());
        }
    }
}

}  // namespace
}  // namespace holdfast::test
