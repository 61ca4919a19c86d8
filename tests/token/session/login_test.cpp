// Login and registration: passwords, disabled accounts, limits, upgrades, one account once.
#include "fleet.hpp"

#include <gtest/gtest.h>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace holdfast::test {
namespace {

login_limits few(std::int64_t account, std::int64_t address) {
    return {{account, milliseconds{60000}}, {address, milliseconds{60000}}};
}

errc error_of(const login_outcome& outcome) {
    return outcome.token ? errc{} : errc_of(outcome.token.error());
}

TEST(login, gives_a_token_for_the_right_password_only) {
    fleet all({});
    const auto token = all.register_user("ann");
    EXPECT_TRUE(all.authenticate(0, token).has_value());
    const auto again = all.login(0, "ann", good_password);
    EXPECT_EQ(again.token.value().expires_in, seconds{43200});
    EXPECT_NE(again.token.value().access_token, token);
    EXPECT_EQ(error_of(all.login(0, "ann", "wrong")), errc::bad_credentials);
    EXPECT_EQ(error_of(all.login(0, "bob", good_password)), errc::bad_credentials);
    EXPECT_EQ(all.events.count(event_kind::login_failed), 2);
}

TEST(login, tells_who_a_user_is_by_guard) {
    fleet all({.more_guards = {"admin"}});
    const auto who = all.authenticate(0, all.register_user("ann")).value();
    EXPECT_EQ(all.user(0, all.guard, who.user).value().account.str(), "ann");
    EXPECT_EQ(all.user(0, guard_name("admin"), who.user).error(), errc::not_found);
    EXPECT_EQ(all.user(0, guard_name("nobody"), who.user).error(), errc::not_found);
}

TEST(login, refuses_a_disabled_account_only_after_the_right_password) {
    fleet all({});
    const auto who = all.authenticate(0, all.register_user("ann")).value();
    ASSERT_TRUE(all.users->set_disabled(who.user, true, wall_time{}).has_value());
    EXPECT_EQ(error_of(all.login(0, "ann", "wrong")), errc::bad_credentials);
    EXPECT_EQ(error_of(all.login(0, "ann", good_password)), errc::account_disabled);
}

TEST(login, is_limited_per_account_across_the_fleet) {
    fleet all({.nodes = 2, .limits = few(3, 100)});
    all.register_user("ann");
    all.register_user("bob");
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(error_of(all.login(i % 2, "ann", "wrong")), errc::bad_credentials);
    const auto refused = all.login(0, "ann", good_password);
    EXPECT_EQ(error_of(refused), errc::rate_limited);
    EXPECT_GT(refused.retry_after, seconds{0});
    EXPECT_LE(refused.retry_after, seconds{60});
    EXPECT_TRUE(all.login(1, "bob", good_password).token.has_value());
}

TEST(login, is_limited_per_address_and_only_by_failures) {
    fleet all({.limits = few(100, 3)});
    all.register_user("ann");
    for (int i = 0; i < 6; ++i) EXPECT_TRUE(all.login(0, "ann", good_password).token.has_value());
    for (const auto* account : {"a", "b", "c"})
        EXPECT_EQ(error_of(all.login(0, account, "wrong")), errc::bad_credentials);
    EXPECT_EQ(error_of(all.login(0, "ann", good_password)), errc::rate_limited);
}

TEST(login, upgrades_a_bcrypt_hash_and_then_uses_the_new_one) {
    fleet all({});
    password_hasher hasher(1);
    const auto made = bcrypt_of("correct horse");
    ASSERT_TRUE(hasher.matches(secret_text("correct horse"), made));
    ASSERT_TRUE(all.users->add(new_user(account_name("ann"), "", made, wall_time{})).has_value());
    ASSERT_TRUE(all.login(0, "ann", "correct horse").token.has_value());
    const auto stored = all.users->find_credentials(account_name("ann")).value().hash;
    EXPECT_TRUE(stored.text().starts_with("$y$"));
    EXPECT_TRUE(all.login(0, "ann", "correct horse").token.has_value());
    EXPECT_EQ(error_of(all.login(0, "ann", "wrong")), errc::bad_credentials);
}

// The article's bcrypt is ten times as fast as the hash that an unknown account is charged.
TEST(login, tells_every_failure_at_a_step_of_its_own_clock) {
    constexpr milliseconds step{200};
    fleet all({.failures_take = step});
    all.register_user("ann");
    ASSERT_TRUE(
        all.users->add(new_user(account_name("old"), "", bcrypt_of("x"), wall_time{})).has_value());
    for (const auto* account : {"ann", "old", "nobody"}) {
        const auto begun = all.world.runtime.now();
        EXPECT_EQ(error_of(all.login(0, account, "wrong")), errc::bad_credentials) << account;
        EXPECT_GE(all.world.runtime.now() - begun, step) << account;
    }
}

TEST(registration, checks_password_account_and_whether_it_is_open) {
    fleet all({});
    EXPECT_EQ(error_of(all.try_register("ann", "short")), errc::invalid_argument);
    EXPECT_EQ(error_of(all.try_register("ann", std::string(257, 'x'))), errc::invalid_argument);
    EXPECT_EQ(error_of(all.try_register("ann", std::string("abc\0defg", 8))),
              errc::invalid_argument);
    EXPECT_EQ(error_of(all.try_register("ann", "123456")), errc{});
    EXPECT_EQ(error_of(all.try_register("ann", "654321")), errc::already_exists);
    fleet closed({.registration_open = false});
    EXPECT_EQ(error_of(closed.try_register("ann", "123456")), errc::forbidden);
}

TEST(registration, of_one_account_by_16_at_once_succeeds_once) {
    fleet all({});
    std::vector<std::optional<login_outcome>> kept(16);
    for (auto& where : kept)
        boost::asio::co_spawn(all.world.context, all.register_into("ann", where),
                              boost::asio::detached);
    const auto is_open = [](const auto& outcome) { return !outcome.has_value(); };
    while (std::ranges::any_of(kept, is_open)) all.pass(milliseconds{1});
    const auto won = std::ranges::count_if(kept, [](auto& o) { return o->token.has_value(); });
    const auto lost =
        std::ranges::count_if(kept, [](auto& o) { return error_of(*o) == errc::already_exists; });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 15);
}

// What is to end ends also where nobody may use it yet, or any more.
TEST(revocation, of_a_genuine_token_needs_no_valid_time) {
    const std::pair<const char*, std::function<void(token_claims&)>> table[] = {
        {"not yet valid", [](auto& c) { c.not_before = *c.issued_at + hours{1}; }},
        {"issued in the future",
         [](auto& c) {
             *c.issued_at += hours{2};
             c.expires_at += hours{2};
         }},
        {"expired",
         [](auto& c) {
             *c.issued_at -= hours{20};
             c.expires_at -= hours{20};
         }},
    };
    for (const auto& [what, change] : table) {
        SCOPED_TRACE(what);
        fleet all({.nodes = 2});
        const auto token = all.register_user("ann");
        const auto other = all.login(0, "ann", good_password).token.value().access_token;
        const auto odd = all.sign(change, token);
        EXPECT_FALSE(all.authenticate(0, odd).has_value());
        EXPECT_TRUE(all.authenticate(0, token).has_value()) << "looking at it ended nothing";
        EXPECT_TRUE(all.world.run(all.node(1).revoke(odd)).has_value());
        EXPECT_EQ(all.authenticate(0, token).error(), errc::token_revoked);
        EXPECT_TRUE(all.authenticate(0, other).has_value()) << "another session of the same user";
    }
}

TEST(revocation, of_a_token_that_is_not_genuine_changes_nothing) {
    fleet all({});
    const auto token = all.register_user("ann");
    auto forged = token;
    forged[forged.size() - 2] = forged[forged.size() - 2] == 'A' ? 'B' : 'A';
    for (const auto& text : {forged, std::string("x"), std::string()})
        EXPECT_TRUE(all.world.run(all.node(0).revoke(text)).has_value());
    EXPECT_TRUE(all.authenticate(0, token).has_value());
}

TEST(sessions, beyond_the_limit_end_the_one_soonest_to_expire) {
    token_policy policy;
    policy.most_sessions = 2;
    fleet all({.nodes = 2, .policy = policy});
    const auto one = all.register_user("ann");
    all.pass(milliseconds{1100});  // tokens expire on whole seconds
    const auto two = all.login(0, "ann", good_password).token.value().access_token;
    const auto three = all.login(1, "ann", good_password).token.value().access_token;
    EXPECT_EQ(all.authenticate(1, one).error(), errc::token_revoked);
    EXPECT_TRUE(all.authenticate(0, two).has_value());
    EXPECT_TRUE(all.authenticate(0, three).has_value());
}

}  // namespace
}  // namespace holdfast::test
