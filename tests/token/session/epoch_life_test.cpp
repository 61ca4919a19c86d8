// A user's epoch lives as long as any token that carries it, in the store and in replicas.
#include "fleet.hpp"
#include "token/revocation_table.hpp"
#include "token/session_store.hpp"
#include "token_scripts.hpp"

#include <gtest/gtest.h>

#include <string>

namespace holdfast::test {
namespace {

/// What a node that starts now would be told.
struct told {
    revocation_table table;
    std::int64_t newest = 0;  ///< number of the feed's last entry
};

task<void> read_snapshot(session_store& sessions, told& into) {
    const auto& names = sessions.keys();
    script_keys keys(names.feed(), names.log(), names.state(), names.expiry());
    script_args args(0, 1000);
    const auto answer =
        co_await sessions.shared().run(scripts::token::snapshot, std::move(keys), std::move(args));
    EXPECT_TRUE(answer.has_value());
    if (!answer) co_return;
    into.newest = (*answer)[2].integer().value();
    for (const auto& text : (*answer)[5].items()) EXPECT_TRUE(into.table.apply(text.as_text()));
}

class epoch_life : public testing::TestWithParam<store_kind> {
protected:
    epoch_life() : all_(options()), guard_(short_lived(*all_.guards->find(all_.guard))) {}

    static fleet_options options() {
        fleet_options options;
        options.kind = GetParam();
        return options;
    }

    /// No token is accepted for longer than the guard issues it for.
    static guard_ptr short_lived(guard_settings settings) {
        settings.policy.ttl = settings.tokens.max_ttl = seconds{10};
        return std::make_shared<const guard_settings>(std::move(settings));
    }

    told replicas_know() {
        told now;
        all_.world.run(read_snapshot(sessions_, now));
        return now;
    }

    /// Another second begins, so that a token from now on outlives one from before.
    void pass_a_second() { all_.pass(milliseconds{1100}); }

    session_ref session(char id) const { return {ann_, session_id(std::string(32, id))}; }
    created_session log_in(char id) {
        return all_.world.run(sessions_.create(guard_, session(id))).value();
    }
    std::uint64_t record_again(std::uint64_t epoch, std::int64_t until_ms = 0) {
        return all_.world.run(sessions_.revoke_user(guard_, ann_, "a node", epoch, until_ms))
            .value()
            .epoch;
    }
    presented_token token_of(char id, const token_identity& of) const {
        token_claims claims;
        claims.generation = of.generation;
        claims.user_epoch = of.user_epoch;
        claims.issued_at = claims.auth_time = from_unix_seconds(of.issued_s);
        claims.expires_at = from_unix_seconds(of.expires_s);
        return {session(id), std::move(claims)};
    }
    void log_out_everywhere() {
        ASSERT_TRUE(all_.world.run(sessions_.revoke_user(guard_, ann_, "once", 0)).has_value());
    }
    void expect_known_until_death_of(const token_identity& token) {
        const auto known = replicas_know();
        ASSERT_TRUE(known.table.users().contains(ann_.str()));
        const auto& entry = known.table.users().at(ann_.str());
        EXPECT_EQ(entry.epoch, token.user_epoch);
        EXPECT_GE(entry.drop_ms, (token.expires_s + 60) * 1000);
    }

    fleet all_;
    guard_ptr guard_;
    session_store sessions_{all_.world.runtime, all_.link(0)};
    user_ref ann_{guard_name("app"), user_id("1")};
};

INSTANTIATE_TEST_SUITE_P(stores, epoch_life,
                         testing::Values(store_kind::embedded, store_kind::redis),
                         [](const auto& info) {
                             return info.param == store_kind::redis ? "redis" : "embedded";
                         });

TEST_P(epoch_life, reaches_to_the_end_of_every_session_that_begins) {
    log_out_everywhere();
    pass_a_second();
    const auto made = log_in('a');
    EXPECT_EQ(made.first.user_epoch, 1U);
    expect_known_until_death_of(made.first);
}

TEST_P(epoch_life, reaches_to_the_end_of_every_successor) {
    log_out_everywhere();
    const auto made = log_in('a');
    pass_a_second();
    const auto renewed = all_.world.run(sessions_.renew(guard_, token_of('a', made.first))).value();
    ASSERT_EQ(renewed.state, renewal_state::minted);
    expect_known_until_death_of(*renewed.successor);
}

TEST_P(epoch_life, reaches_to_the_end_of_every_token_that_heals_its_session) {
    log_out_everywhere();
    auto later = log_in('a').first;
    later.generation = 2;
    later.expires_s += 30;
    const auto verdict = all_.world.run(sessions_.check(guard_, token_of('a', later))).value();
    ASSERT_EQ(verdict.state, session_state::current);
    expect_known_until_death_of(later);
}

TEST_P(epoch_life, is_no_news_at_each_login) {
    log_out_everywhere();
    pass_a_second();
    log_in('a');
    const auto before = replicas_know().newest;
    for (const char id : {'b', 'c', 'd'}) log_in(id);
    pass_a_second();
    for (const char id : {'e', 'f', 'a'}) log_in(id);
    EXPECT_EQ(replicas_know().newest, before);
}

TEST_P(epoch_life, ends_as_remembered_when_it_is_recorded_again) {
    const auto asked = all_.world.run(sessions_.now()).value();
    const auto until = to_unix_ms(asked) + 20'000;
    EXPECT_EQ(record_again(3, until), 3U);
    EXPECT_EQ(replicas_know().table.users().at(ann_.str()).drop_ms, until);
    EXPECT_EQ(record_again(3, until + 5'000), 3U);  // another node knows of a later token
    EXPECT_EQ(replicas_know().table.users().at(ann_.str()).drop_ms, until + 5'000);
    const auto far = until + 3'600'000;  // this clock has gone back since
    EXPECT_EQ(record_again(3, far), 3U);
    EXPECT_EQ(replicas_know().table.users().at(ann_.str()).drop_ms, far);
    EXPECT_EQ(record_again(4, to_unix_ms(asked) - 1), 3U);  // no token of before is left
}

// A rollback may bring back an older epoch together with the id under which this node wrote it.
TEST_P(epoch_life, a_node_may_record_a_newer_epoch_after_an_older_one) {
    EXPECT_EQ(record_again(1), 1U);
    EXPECT_EQ(record_again(2), 2U);
}

}  // namespace
}  // namespace holdfast::test
