// Many contenders while something torments the connections: every turn is one holder's alone.
#include "lock/faults_world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace holdfast::test {
namespace {

class lock_storm : public faulty_fleet {
protected:
    /// Six contenders on three processes take turns until each had `rounds`.
    void contend(int rounds, const std::function<void(int)>& before_turn) {
        members_.push_back(fleet->join());
        std::vector<process_view*> all{fleet->a.get(), fleet->b.get(), members_[0].get()};
        for (int i = 0; i < 6; ++i)
            boost::asio::co_spawn(
                fleet->world.context,
                take_turns(*all[static_cast<std::size_t>(i) % 3], rounds, before_turn),
                boost::asio::detached);
        fleet->until([&] { return turns_ >= 6 * rounds; });
        EXPECT_EQ(turns_, 6 * rounds);
        fleet->until([&] {
            const auto seen = fleet->run(fleet->a->locks.inspect(lock_name("n")));
            return seen && seen->queue_length == 0;
        });
    }

    int unreleased() const noexcept { return unreleased_; }

private:
    /// A turn counts when the lease is believed; belief may overlap with no other's.
    task<void> take_turns(process_view& who, int rounds, std::function<void(int)> before_turn) {
        for (int done = 0; done < rounds;) {
            const lock_name name("n");
            const lease_ttl ttl(milliseconds{1500});
            auto got = co_await who.locks.acquire(name, ttl);
            EXPECT_TRUE(got) << got.error().message();
            if (!got) co_return;
            const auto now = fleet->now();
            if (!got->valid(now)) continue;  // the reply came too late to be believed
            EXPECT_LE(believed_until_, now) << "two leases were valid at once";
            EXPECT_GT(got->fence(), highest_);
            highest_ = got->fence();
            believed_until_ = got->valid_until();
            before_turn(turns_);
            co_await fleet->world.runtime.sleep_until(now + milliseconds{1});
            believed_until_ = std::min(believed_until_, fleet->now());
            ++turns_;
            ++done;
            const auto given = co_await who.locks.release(*got);
            if (!given) ++unreleased_;
        }
    }

    std::vector<std::unique_ptr<process_view>> members_;
    int turns_ = 0;
    int unreleased_ = 0;
    fencing_token highest_;
    steady_time believed_until_{};
};

TEST_F(lock_storm, connections_killed_all_the_time) {
    begin();
    child_process killer({"redis-cli", "-p", std::to_string(server().port()), "-r", "-1", "-i",
                          "0.02", "CLIENT", "KILL", "TYPE", "pubsub"});
    contend(40, [](int) {});
    EXPECT_GT(fleet->a->st->epoch(), 3U) << "the killer did nothing";
}

TEST_F(lock_storm, scripts_forgotten_all_the_time) {
    begin();
    child_process flusher({"redis-cli", "-p", std::to_string(server().port()), "-r", "-1", "-i",
                           "0.001", "SCRIPT", "FLUSH"});
    contend(40, [](int) {});
    EXPECT_EQ(unreleased(), 0);
}

TEST_F(lock_storm, requests_and_replies_lost_in_turn) {
    begin();
    contend(20, [this](int turn) {
        auto& proxy = *redis->proxies[static_cast<std::size_t>(turn) % 3];
        proxy.cut_at_next(turn % 2 == 0 ? tcp_proxy::way::replies : tcp_proxy::way::requests);
    });
    std::size_t cuts = 0;
    for (const auto& each : redis->proxies) cuts += each->count().cuts;
    EXPECT_GT(cuts, 20U);
}

}  // namespace
}  // namespace holdfast::test
