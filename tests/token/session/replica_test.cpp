// Local answers: fresh ones only, equal to the store's, bounded behind every revocation.
#include "fleet.hpp"
#include "token/fleet_barrier.hpp"
#include "token/revocation_table.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace holdfast::test {
namespace {

const std::string sid_text(32, 'a');

presented_token token_of(std::uint64_t generation, std::uint64_t epoch, std::int64_t auth_s = 100) {
    token_claims claims;
    claims.generation = generation;
    claims.user_epoch = epoch;
    claims.auth_time = from_unix_seconds(auth_s);
    session_ref session(user_ref(guard_name("app"), user_id("1")), session_id(sid_text));
    return {std::move(session), std::move(claims)};
}

TEST(revocation_table, judges_like_the_store) {
    struct row {
        const char* known;  // after "s app 1 <sid> "
        std::uint64_t generation;
        std::int64_t now_ms;
        local_verdict expected;
    };
    // Grace 1000 ms from confirmation. Columns of the entry: generation minted confirmed revoked
    // drop.
    const row table[] = {
        {nullptr, 1, 0, local_verdict::accept},
        {nullptr, 2, 0, local_verdict::ask},
        {"1 0 0 1 99", 1, 0, local_verdict::revoked},
        {"0 0 0 1 99", 7, 0, local_verdict::revoked},
        {"2 5000 0 0 99", 2, 9000, local_verdict::ask},
        {"2 5000 6000 0 99", 2, 9000, local_verdict::accept},
        {"2 5000 0 0 99", 1, 99000, local_verdict::ask},
        {"2 5000 6000 0 99", 1, 6999, local_verdict::ask},
        {"2 5000 6000 0 99", 1, 7000, local_verdict::reused},
        {"3 5000 0 0 99", 1, 5001, local_verdict::reused},
        {"2 5000 6000 0 99", 3, 9000, local_verdict::ask},
    };
    token_policy policy;
    policy.grace = milliseconds{1000};
    for (const auto& row : table) {
        revocation_table known;
        if (row.known != nullptr) {
            ASSERT_TRUE(known.apply("s app 1 " + sid_text + ' ' + row.known));
        }
        EXPECT_EQ(known.judge(token_of(row.generation, 0), policy, row.now_ms, 0), row.expected)
            << (row.known ? row.known : "nothing") << ", generation " << row.generation << " at "
            << row.now_ms;
    }
}

TEST(revocation_table, counts_grace_from_minting_when_told_so) {
    token_policy policy;
    policy.grace = milliseconds{1000};
    policy.retire = retire_rule::mint;
    revocation_table known;
    known.apply("s app 1 " + sid_text + " 2 5000 0 0 99");
    EXPECT_EQ(known.judge(token_of(1, 0), policy, 5999, 0), local_verdict::ask);
    EXPECT_EQ(known.judge(token_of(1, 0), policy, 6000, 0), local_verdict::reused);
}

TEST(revocation_table, ends_tokens_below_the_users_epoch) {
    revocation_table known;
    ASSERT_TRUE(known.apply("u app 1 3 99"));
    EXPECT_EQ(known.judge(token_of(1, 2), {}, 0, 0), local_verdict::revoked);
    EXPECT_EQ(known.judge(token_of(1, 3), {}, 0, 0), local_verdict::accept);
    // The store has forgotten it then, and gives new sessions an older one.
    EXPECT_EQ(known.judge(token_of(1, 2), {}, 99, 0), local_verdict::accept);
}

TEST(revocation_table, asks_about_sessions_older_than_the_data_set) {
    const revocation_table nothing;
    EXPECT_EQ(nothing.judge(token_of(1, 0, 100), {}, 0, 100001), local_verdict::ask);
    EXPECT_EQ(nothing.judge(token_of(1, 0, 100), {}, 0, 100000), local_verdict::accept);
}

TEST(revocation_table, forgets_what_nobody_can_present) {
    revocation_table known;
    known.apply("s app 1 " + sid_text + " 1 0 0 1 5000");
    known.apply("u app 1 3 6000");
    known.forget_before(5500);
    EXPECT_EQ(known.size(), 1U);
}

TEST(revocation_table, refuses_text_that_is_no_entry) {
    revocation_table known;
    for (const auto* text : {"", "s", "u app 1 x 9", "s app 1 a 1 2 3", "t app 1 3 99",
                             "s app 1 a 1 0 0 1 soon", "u app 1 3 99 more"})
        EXPECT_FALSE(known.apply(text)) << text;
    EXPECT_EQ(known.size(), 0U);
}

TEST(fleet_barrier, is_passed_by_nodes_that_applied_or_can_no_longer_answer) {
    const feed_position position{"7", 50};
    struct row {
        const char* report;  // applied born at staleness
        std::int64_t now_ms;
        bool passed;
    };
    const row table[] = {
        {"50 7 1000 1000", 1000, true}, {"49 7 1000 1000", 1500, false},
        {"49 7 1000 1000", 2001, true}, {"50 6 1000 1000", 1000, false},
        {"0 0 1000 0", 1000, true},
    };
    for (const auto& row : table)
        EXPECT_EQ(has_passed(parse_node_report(row.report).value(), position, row.now_ms),
                  row.passed)
            << row.report;
    EXPECT_FALSE(parse_node_report("1 2 3").has_value());
    EXPECT_FALSE(parse_node_report("x 2 3 4").has_value());
}

fleet_options replicas(store_kind kind) {
    fleet_options options;
    options.kind = kind;
    options.nodes = 3;
    options.follow = true;
    options.service.revocation = revocation_mode::replica;
    return options;
}

class replica : public testing::TestWithParam<store_kind> {};
INSTANTIATE_TEST_SUITE_P(stores, replica, testing::Values(store_kind::embedded, store_kind::redis),
                         [](const auto& info) {
                             return info.param == store_kind::redis ? "redis" : "embedded";
                         });

/// Until every node answers this token from its own copy.
bool all_local(fleet& all, const std::string& token) {
    for (int i = 0; i < 100; ++i) {
        std::size_t local = 0;
        for (std::size_t n = 0; n < all.size(); ++n) {
            const auto answer = all.authenticate(n, token);
            local += answer && answer->freshness > milliseconds{0};
        }
        if (local == all.size()) return true;
        all.pass(milliseconds{50});
    }
    return false;
}

TEST_P(replica, refuses_everywhere_when_a_logout_that_waits_for_the_fleet_returns) {
    fleet all(replicas(GetParam()));
    all.register_user("ann");
    all.pass(milliseconds{1100});  // sessions of the data set's first second are asked about
    for (int round = 0; round < 10; ++round) {
        const auto token = all.login(0, "ann", good_password).token.value().access_token;
        ASSERT_TRUE(all_local(all, token));
        const auto who = all.authenticate(0, token).value();
        ASSERT_TRUE(all.world.run(all.node(1).logout(who, logout_reach::fleet)).has_value());
        for (std::size_t i = 0; i < 3; ++i)
            EXPECT_EQ(all.authenticate(i, token).error(), errc::token_revoked);
    }
}

TEST_P(replica, kills_the_old_token_after_the_grace) {
    auto options = replicas(GetParam());
    options.policy.renew_window = options.policy.ttl;
    options.policy.grace = milliseconds{300};
    fleet all(options);
    const auto old = all.register_user("ann");
    const auto next = all.authenticate(0, old).value().renewed.value().access_token;
    ASSERT_TRUE(all.authenticate(1, next).has_value());
    EXPECT_EQ(all.authenticate(2, old).value().renewed.value().access_token, next);
    all.pass(milliseconds{300 + 1000});
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(all.authenticate(i, old).error(), errc::token_revoked);
}

TEST(replica_of_a_paused_redis, answers_while_it_is_fresh_and_then_says_try_again) {
    auto options = replicas(store_kind::redis);
    options.service.max_staleness = milliseconds{5000};
    fleet all(options);
    all.register_user("bob");
    all.pass(milliseconds{1100});
    const auto token = all.register_user("ann");
    ASSERT_TRUE(all_local(all, token));
    all.redis().process().signal(SIGSTOP);
    const auto answer = all.authenticate(0, token);
    ASSERT_TRUE(answer.has_value()) << answer.error().message();
    EXPECT_LE(answer->freshness, milliseconds{5000});
    all.pass(milliseconds{5500});
    const auto error = all.authenticate(0, token).error();
    EXPECT_TRUE(error == condition::retry || error == condition::unknown) << error.message();
    all.redis().process().signal(SIGCONT);
    EXPECT_TRUE(all_local(all, token));
}

}  // namespace
}  // namespace holdfast::test
