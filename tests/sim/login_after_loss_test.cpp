// Sessions after a loss of the store's data: what nodes remember is recorded again.
#include "one_user.hpp"
#include "quiet_fleet.hpp"
#include "sim/world/fleet.hpp"

#include <gtest/gtest.h>

namespace holdfast::sim {
namespace {

constexpr minutes token_life{5};

struct outcome {
    bool finished = false;
    error_code old_session, new_session;
};

task<void> log_out_everywhere(auth_service& auth, const user_id& who) {
    auto ended = auth.logout_all(web(), who, logout_reach::store);
    const auto done = co_await std::move(ended);
    EXPECT_TRUE(done.has_value());
}

task<void> show_both(process& self, auth_service& auth, const std::string& before,
                     const std::string& after, outcome& seen) {
    seen.old_session = co_await show(auth, before);
    seen.new_session = co_await show(auth, after);
    seen.finished = true;
    co_await self.rt.sleep_until(steady_time::max());  // what follows stands in the caller
}

task<void> lose_a_logout_all(process& self, simulation::fleet& fleet, const one_user& ann,
                             outcome& seen) {
    auth_service auth(self.rt, self.shared, self.events, ann.guards,
                      {.revocation = revocation_mode::strict});
    static_cast<node&>(self.rt).spawn(auth.follow_revocations());
    const auto before = co_await log_in(auth, ann.id);
    co_await log_out_everywhere(auth, ann.id);
    co_await self.rt.sleep_until(self.rt.now() + seconds{2});  // the other node hears of it

    auto& other = *fleet.space.nodes()[1];
    other.pause();
    fleet.server.flush_all();
    const auto after = co_await log_in(auth, ann.id);
    other.resume();
    co_await self.rt.sleep_until(self.rt.now() + seconds{10});  // it records what it remembers

    co_await show_both(self, auth, before, after, seen);
}

TEST(login_after_a_loss, is_not_ended_by_a_logout_all_of_before) {
    const one_user ann(token_life);
    outcome seen;
    simulation sim(quiet_fleet(2));
    auto& fleet = sim.inside();
    sim.on_every_node([&](process& self) {
        return self.node == "n1" ? lose_a_logout_all(self, fleet, ann, seen) : remember(self, ann);
    });
    sim.run_for(minutes{1});
    ASSERT_TRUE(seen.finished);
    EXPECT_EQ(seen.old_session, errc::token_revoked);
    EXPECT_FALSE(seen.new_session) << seen.new_session.message();
}

task<void> log_in_once_the_clock_is_right(process& self, simulation::fleet& fleet,
                                          const one_user& ann, outcome& seen) {
    auth_service auth(self.rt, self.shared, self.events, ann.guards,
                      {.revocation = revocation_mode::replica});
    static_cast<node&>(self.rt).spawn(auth.follow_revocations());
    const auto before = co_await log_in(auth, ann.id);
    co_await log_out_everywhere(auth, ann.id);
    fleet.server.step_clock(hours{-1});
    fleet.server.flush_all();
    co_await self.rt.sleep_until(self.rt.now() + minutes{1});  // records what it remembers
    fleet.server.set_clock_right();
    co_await self.rt.sleep_until(self.rt.now() + seconds{20});
    auth_service another(self.rt, self.shared, self.events, ann.guards,
                         {.revocation = revocation_mode::strict});
    const auto after = co_await log_in(another, ann.id);
    co_await show_both(self, auth, before, after, seen);
}

// Recorded again an hour ago by the store's clock, it is still remembered as long as by the node.
TEST(login_after_a_loss,
     is_not_ended_by_a_logout_all_that_was_recorded_by_a_clock_that_was_behind) {
    const one_user ann(token_life);
    outcome seen;
    simulation sim(quiet_fleet(1));
    sim.on_every_node([&](process& self) {
        return log_in_once_the_clock_is_right(self, sim.inside(), ann, seen);
    });
    sim.run_for(minutes{3});
    ASSERT_TRUE(seen.finished);
    EXPECT_EQ(seen.old_session, errc::token_revoked);
    EXPECT_FALSE(seen.new_session) << seen.new_session.message();
}

task<void> log_in_after_a_step(process& self, simulation::fleet& fleet, const one_user& ann,
                               outcome& seen) {
    auth_service auth(self.rt, self.shared, self.events, ann.guards,
                      {.revocation = revocation_mode::replica});
    auth_service another(self.rt, self.shared, self.events, ann.guards,
                         {.revocation = revocation_mode::strict});
    static_cast<node&>(self.rt).spawn(auth.follow_revocations());
    const auto before = co_await log_in(auth, ann.id);
    co_await log_out_everywhere(auth, ann.id);
    co_await self.rt.sleep_until(self.rt.now() + seconds{2});
    fleet.server.step_clock(minutes{50});
    (void)co_await show(another, before);  // what is over by that clock is forgotten
    fleet.server.set_clock_right();
    co_await self.rt.sleep_until(self.rt.now() + seconds{20});
    const auto after = co_await log_in(another, ann.id);
    co_await show_both(self, auth, before, after, seen);
}

// The store must not forget what a replica, which saw nothing of the step, still knows.
TEST(login_after_a_step, of_the_clock_forward_and_back_is_not_ended_by_a_logout_all_of_before) {
    const one_user ann(token_life);
    outcome seen;
    simulation sim(quiet_fleet(1));
    sim.on_every_node(
        [&](process& self) { return log_in_after_a_step(self, sim.inside(), ann, seen); });
    sim.run_for(minutes{1});
    ASSERT_TRUE(seen.finished);
    EXPECT_EQ(seen.old_session, errc::token_revoked);
    EXPECT_FALSE(seen.new_session) << seen.new_session.message();
}

task<void> log_in_on_both(process& self, simulation::fleet& fleet, const one_user& ann,
                          outcome& seen) {
    const auth_service::options strict{.revocation = revocation_mode::strict};
    auth_service auth(self.rt, self.shared, self.events, ann.guards, strict);
    auth_service another(self.rt, self.shared, self.events, ann.guards, strict);
    co_await log_out_everywhere(auth, ann.id);
    fleet.server.flush_all();
    const auto first = co_await log_in(another, ann.id);
    const auto second = co_await log_in(auth, ann.id);
    seen.old_session = co_await show(another, first);
    seen.new_session = co_await show(auth, second);
    seen.finished = true;
}

// It would never hear when that is over, or that others have recorded it again already.
TEST(login_where_nobody_follows, ends_no_session_by_what_that_node_remembers) {
    const one_user ann(token_life);
    outcome seen;
    simulation sim(quiet_fleet(1));
    sim.on_every_node([&](process& self) { return log_in_on_both(self, sim.inside(), ann, seen); });
    sim.run_for(minutes{1});
    ASSERT_TRUE(seen.finished);
    EXPECT_FALSE(seen.old_session) << seen.old_session.message();
    EXPECT_FALSE(seen.new_session) << seen.new_session.message();
}

task<void> log_in_and_out(process& self, const one_user& ann) {
    auth_service auth(self.rt, self.shared, self.events, ann.guards,
                      {.revocation = revocation_mode::strict});
    const auto token = co_await log_in(auth, ann.id);
    auto ended = auth.revoke(token);
    const auto done = co_await std::move(ended);
    EXPECT_TRUE(done.has_value());
}

// However often the store loses its data, the memory of a logout ends with the session's tokens.
TEST(logout_before_losses, is_recorded_again_no_longer_than_tokens_live) {
    const one_user ann(token_life);
    simulation sim(quiet_fleet(2));
    auto& fleet = sim.inside();
    int again = 0;
    fleet.on_event = [&](const process&, const event& e) {
        if (e.kind == event_kind::session_revoked && e.detail == "recorded_again") ++again;
    };
    sim.on_every_node([&](process& self) {
        return self.node == "n1" ? log_in_and_out(self, ann) : remember(self, ann);
    });
    const auto lose_data_for = [&](minutes span) {
        again = 0;
        for (minutes passed{0}; passed < span; ++passed) {
            sim.run_for(minutes{1});
            fleet.server.flush_all();
        }
    };
    lose_data_for(token_life - minutes{1});
    EXPECT_GE(again, 3);
    lose_data_for(minutes{5});
    lose_data_for(minutes{10});
    EXPECT_EQ(again, 0);
}

}  // namespace
}  // namespace holdfast::sim
