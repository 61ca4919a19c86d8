// Who may say, after a loss of data, that everything that had ended is recorded again.
#include "one_user.hpp"
#include "quiet_fleet.hpp"
#include "sim/world/fleet.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace holdfast::sim {
namespace {

constexpr hours token_life{1};
constexpr int many = 400;

/// n1 is asked by clients and remembers nothing, n2 remembers.
class vouching : public testing::Test {
protected:
    using script = std::function<task<void>(process&, auth_service&)>;

    /// Runs the script on n1; n2 begins to follow when `following` is set.
    void play(script what) {
        fleet().on_event = [this](const process&, const event& e) {
            if (e.kind == event_kind::session_revoked && e.detail == "recorded_again") ++again_;
        };
        sim_.on_every_node(
            [&](process& self) { return self.node == "n1" ? clients(self, what) : follow(self); });
        sim_.run_until([this] { return finished_; }, hours{1});
        ASSERT_TRUE(finished_);
    }

    task<void> clients(process& self, const script& what) {
        auth_service auth(self.rt, self.shared, self.events, ann_.guards,
                          {.revocation = revocation_mode::strict});
        co_await what(self, auth);
        finished_ = true;
    }

    task<void> follow(process& self) {
        while (!following_) co_await self.rt.sleep_until(self.rt.now() + seconds{1});
        co_await remember(self, ann_);
    }

    static task<void> pass(process& self, nanoseconds span) {
        co_await self.rt.sleep_until(self.rt.now() + span);
    }

    static task<void> log_out(auth_service& auth, std::string token) {
        auto asked = auth.revoke(std::move(token));
        const auto done = co_await std::move(asked);
        EXPECT_TRUE(done.has_value());
    }

    task<std::vector<std::string>> ended_sessions(auth_service& auth) {
        std::vector<std::string> ended;
        for (int i = 0; i < many; ++i) {
            ended.push_back(co_await log_in(auth, ann_.id));
            co_await log_out(auth, ended.back());
        }
        co_return ended;
    }

    task<int> refused(auth_service& auth, const std::vector<std::string>& tokens) {
        int count = 0;
        for (const auto& token : tokens) {
            const auto answer = co_await show(auth, token);
            if (answer == errc::token_revoked) ++count;
        }
        co_return count;
    }

    /// A session that lives and many that have ended, then whatever `trouble` does.
    struct after_trouble {
        error_code kept;
        int ended = 0;
    };
    after_trouble play_with_many(std::function<task<void>(process&)> trouble) {
        after_trouble seen;
        play([&](process& self, auth_service& auth) -> task<void> {
            const auto living = co_await log_in(auth, ann_.id);
            const auto over = co_await ended_sessions(auth);
            co_await pass(self, seconds{2});
            fleet().server.flush_all();
            co_await trouble(self);
            seen.kept = co_await show(auth, living);
            seen.ended = co_await refused(auth, over);
        });
        return seen;
    }

    simulation::fleet& fleet() { return sim_.inside(); }
    node& other() { return *fleet().space.nodes()[1]; }
    void cut_off_the_other() {
        fleet().lines.cut(other(), direction::in);
        fleet().lines.cut(other(), direction::out);
    }

    const one_user ann_{token_life};
    simulation sim_{quiet_fleet(2)};
    bool following_ = true;
    bool finished_ = false;
    int again_ = 0;
};

TEST_F(vouching, is_not_for_a_node_that_was_away_while_a_session_ended) {
    error_code answer;
    play([&](process& self, auth_service& auth) -> task<void> {
        const auto token = co_await log_in(auth, ann_.id);
        co_await pass(self, seconds{2});
        cut_off_the_other();
        fleet().server.flush_all();
        co_await log_out(auth, token);
        co_await pass(self, minutes{3});
        fleet().server.flush_all();
        fleet().lines.mend(other());
        co_await pass(self, seconds{20});
        answer = co_await show(auth, token);
    });
    EXPECT_EQ(answer, errc::token_revoked);
}

TEST_F(vouching, is_for_a_node_that_was_away_for_a_moment) {
    error_code answer;
    play([&](process& self, auth_service& auth) -> task<void> {
        const auto token = co_await log_in(auth, ann_.id);
        co_await pass(self, seconds{2});
        cut_off_the_other();
        co_await pass(self, seconds{10});
        fleet().server.flush_all();
        fleet().lines.mend(other());
        co_await pass(self, seconds{20});
        answer = co_await show(auth, token);
    });
    EXPECT_FALSE(answer) << answer.message();
}

// What ended in a data set before, nobody has told it.
TEST_F(vouching, covers_only_sessions_whose_end_the_node_would_know) {
    following_ = false;
    error_code old, young;
    play([&](process& self, auth_service& auth) -> task<void> {
        const auto before = co_await log_in(auth, ann_.id);
        co_await log_out(auth, before);
        co_await pass(self, seconds{2});
        fleet().server.flush_all();
        following_ = true;
        co_await pass(self, seconds{2});
        const auto after = co_await log_in(auth, ann_.id);
        co_await pass(self, seconds{2});
        fleet().server.flush_all();
        co_await pass(self, seconds{5});
        old = co_await show(auth, before);
        young = co_await show(auth, after);
    });
    EXPECT_EQ(old, errc::token_revoked);
    EXPECT_FALSE(young) << young.message();
}

TEST_F(vouching, comes_once_each_end_is_recorded_however_many_replies_are_lost) {
    const auto seen = play_with_many([&](process& self) -> task<void> {
        fleet().lines.quality.lose_reply = 300'000;
        co_await pass(self, minutes{3});
        fleet().lines.quality.lose_reply = 0;
        co_await pass(self, seconds{10});
    });
    EXPECT_FALSE(seen.kept) << seen.kept.message();
    EXPECT_EQ(seen.ended, many);
    EXPECT_EQ(again_, many);
}

class second_loss : public vouching, public testing::WithParamInterface<store_process::data> {};
INSTANTIATE_TEST_SUITE_P(of, second_loss,
                         testing::Values(store_process::data::lost,
                                         store_process::data::rolled_back),
                         [](const auto& info) {
                             const bool all = info.param == store_process::data::lost;
                             return all ? "everything" : "some_writes";
                         });

TEST_P(second_loss, begins_the_recording_anew) {
    const auto seen = play_with_many([&](process& self) -> task<void> {
        again_ = 0;
        while (again_ < many / 2) co_await pass(self, milliseconds{1});
        EXPECT_LT(again_, many);
        fleet().server.restart(GetParam(), many, milliseconds{300});
        co_await pass(self, seconds{20});
    });
    EXPECT_FALSE(seen.kept) << seen.kept.message();
    EXPECT_EQ(seen.ended, many);
}

}  // namespace
}  // namespace holdfast::sim
