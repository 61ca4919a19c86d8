// One lock key between us and the real locks of other languages, in both directions.
#include "client/open_store.hpp"
#include "holdfast/mutex.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <mutex>
#include <ostream>

namespace holdfast::test {
namespace {

struct foreign_lock {
    std::string library;
    std::string family;            ///< which package client brings it
    std::string prefix = {};       ///< before the lock's name, in its key
    bool deletes_blindly = false;  ///< its release does not compare
};

void PrintTo(const foreign_lock& lock, std::ostream* to) { *to << lock.library; }

std::string name_of_case(const testing::TestParamInfo<foreign_lock>& one) {
    return one.param.library;
}

class foreign_locks : public testing::TestWithParam<foreign_lock> {
protected:
    /// A server, and we as its client.
    struct shared_world {
        explicit shared_world(const std::string& prefix)
            : key(prefix + "orders"), us([this](runtime& rt) { return open(rt); }) {}

        std::unique_ptr<store> open(runtime& rt) {
            std::string why;
            const logger log(log_level::off, log_format::text);
            source = store_source::open({.url = redis.url()}, log, why).value();
            return source->attach(rt, null_journal());
        }
        bool is_free() const { return redis.cli({"EXISTS", key}) == "0"; }
        bool somebody_waits() const {
            return redis.cli({"ZCARD", "hf:q:{" + key + "}:" + key}) == "1";
        }

        redis_server redis;
        std::string key;
        std::unique_ptr<store_source> source;
        client us;
    };

    void SetUp() override {
        if (!std::filesystem::exists(program()))
            GTEST_SKIP() << GetParam().library << " is not here; `make test-interop` fetches it "
                         << "where its package client (" << GetParam().family << ") is";
        world.emplace(GetParam().prefix);
    }
    static std::string program() {
        return std::string(HOLDFAST_PEERS) + "/" + GetParam().family + "/run";
    }

    child_process start(const std::string& job, const std::string& number) const {
        return child_process({program(), job, GetParam().library,
                              std::to_string(world->redis.port()), "orders", number});
    }
    /// It has tried once and said so.
    child_process try_hold(milliseconds ttl, const std::string& outcome) const {
        auto child = start("hold", std::to_string(ttl.count()));
        child.wait_for_line(outcome);
        return child;
    }
    static void tell_to_release(child_process& holder, const std::string& outcome) {
        holder.signal(SIGTERM);
        holder.wait_for_line(outcome);
    }
    lock_name name() const { return lock_name(world->key); }

    std::optional<shared_world> world;
};

TEST_P(foreign_locks, we_keep_it_out_until_we_release) {
    mutex ours(world->us, name());
    ours.lock();
    try_hold(seconds{30}, "busy");
    ours.unlock();
    try_hold(seconds{30}, "held");
}

TEST_P(foreign_locks, it_keeps_us_out_until_it_releases) {
    auto holder = try_hold(seconds{30}, "held");
    mutex ours(world->us, name());
    ASSERT_FALSE(ours.try_lock());
    auto waiter = std::async(std::launch::async, [&] {
        const std::lock_guard held(ours);
        return ours.fence().value();
    });
    ASSERT_TRUE(wait_until([&] { return world->somebody_waits(); }));
    tell_to_release(holder, "released");
    EXPECT_GT(waiter.get(), 0U);
    EXPECT_TRUE(world->is_free());
}

TEST_P(foreign_locks, we_get_it_when_a_dead_holder_runs_out_and_not_before) {
    const auto before = std::chrono::steady_clock::now();
    auto holder = try_hold(seconds{2}, "held");
    holder.signal(SIGKILL);
    holder.wait();
    mutex ours(world->us, name());
    ours.lock();
    EXPECT_GE(std::chrono::steady_clock::now() - before, seconds{2});
    ours.unlock();
}

TEST_P(foreign_locks, it_gets_what_we_let_run_out_and_our_late_release_leaves_it_alone) {
    auto take = [this](locker& locks) {
        return locks.try_acquire(name(), lease_ttl(milliseconds{300}));
    };
    const auto ours = world->us.run(take).value();
    ASSERT_TRUE(wait_until([&] { return world->is_free(); }));
    auto holder = try_hold(seconds{30}, "held");
    EXPECT_FALSE(world->us.run([&](locker& locks) { return locks.release(ours); }).value());
    EXPECT_FALSE(world->is_free());
    tell_to_release(holder, "released");
}

// A client that deletes without comparing takes the lock from whoever holds it now. That cannot be
// prevented from here, but our holder is told.
TEST_P(foreign_locks, its_late_release_leaves_ours_alone_or_we_are_told) {
    auto holder = try_hold(milliseconds{300}, "held");
    mutex ours(world->us, name(), lease_ttl(milliseconds{6000}));
    ours.lock();
    const auto lost = ours.lost();
    tell_to_release(holder, GetParam().deletes_blindly ? "released" : "gone");
    if (GetParam().deletes_blindly) {
        EXPECT_TRUE(wait_until([&] { return lost.stop_requested(); }));
        EXPECT_EQ(ours.reason(), lost_reason::erased);
    } else {
        EXPECT_FALSE(world->is_free());
        EXPECT_FALSE(lost.stop_requested());
    }
    ours.unlock();
}

// Reading a number and writing the next one loses a count as soon as two do it at once.
TEST_P(foreign_locks, counting_together_loses_nothing) {
    constexpr int times = 25;
    auto& redis = world->redis;
    auto counter = start("count", std::to_string(times));
    ASSERT_TRUE(wait_until([&] { return redis.cli({"EXISTS", "orders:count"}) == "1"; }));
    mutex ours(world->us, name());
    for (int i = 0; i < times; ++i) {
        const std::lock_guard held(ours);
        const int seen = std::stoi(redis.cli({"GET", "orders:count"}));
        redis.cli({"SET", "orders:count", std::to_string(seen + 1)});
    }
    counter.wait_for_line("counted");
    EXPECT_EQ(redis.cli({"GET", "orders:count"}), std::to_string(2 * times));
}

INSTANTIATE_TEST_SUITE_P(go, foreign_locks,
                         testing::Values(foreign_lock{.library = "redsync", .family = "go"},
                                         foreign_lock{.library = "redislock", .family = "go"}),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(npm, foreign_locks,
                         testing::Values(foreign_lock{.library = "redlock", .family = "npm"}),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(maven, foreign_locks,
                         testing::Values(foreign_lock{.library = "shedlock",
                                                      .family = "java",
                                                      .prefix = "job-lock:default:",
                                                      .deletes_blindly = true}),
                         name_of_case);

}  // namespace
}  // namespace holdfast::test
