// A store that loses its last writes, steps its clock, is busy, full or hard to reach.
#include "faults/fault_world.hpp"
#include "lock_scripts.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace holdfast::test {
namespace {

class rolled_back : public fault_world {
protected:
    rolled_back() : fault_world({"--appendonly", "yes"}) {}
    // An owner whose grant the store forgot and the next one may both believe for a moment: nobody
    // can help that but the fence, so only fences are judged here.
    void TearDown() override {
        EXPECT_EQ(referee_.violations().find("fence"), std::string::npos) << referee_.violations();
    }
    std::string log_file() const {
        for (const auto& entry :
             std::filesystem::directory_iterator(redis_.folder() + "/appendonlydir"))
            if (entry.path().string().ends_with(".incr.aof")) return entry.path();
        return {};
    }
};

// A power cut that takes the tail of the append-only file, half of the hand-overs in it: of those
// the new owners are forgotten, and told; the others keep what they have.
TEST_F(rolled_back, fences_rise_and_every_forgotten_owner_is_told) {
    constexpr int locks = 6;
    constexpr int kept = 3;
    const auto name = [](int i) { return "n" + std::to_string(i); };
    const auto owner = [](int i) { return "second" + std::to_string(i); };
    std::vector<child_process> first, second, third;
    for (int i = 0; i < locks; ++i) {
        first.push_back(agent({.who = "first", .lock = name(i), .ttl = seconds{8}}));
        referee_.await_entry(name(i), "first");
        second.push_back(agent({.who = owner(i), .lock = name(i), .ttl = seconds{8}}));
        await_queue(name(i), 1);
    }
    std::uintmax_t cut = 0;
    for (int i = 0; i < locks; ++i) {
        if (i == kept) cut = std::filesystem::file_size(log_file());
        first[static_cast<std::size_t>(i)].signal(SIGTERM);
        referee_.await_entry(name(i), owner(i));
    }
    redis_.stop();
    ASSERT_GT(std::filesystem::file_size(log_file()), cut);
    std::filesystem::resize_file(log_file(), cut);
    redis_.start();
    for (int i = kept; i < locks; ++i) {
        EXPECT_EQ(second[static_cast<std::size_t>(i)].wait_code(), 0);  // it ends when it is lost
        EXPECT_TRUE(referee_.heard(owner(i), "lost taken_over") ||
                    referee_.heard(owner(i), "lost erased") ||
                    referee_.heard(owner(i), "lost expired_locally"));
    }
    for (int i = 0; i < kept; ++i) {
        EXPECT_TRUE(second[static_cast<std::size_t>(i)].running()) << i;
        second[static_cast<std::size_t>(i)].signal(SIGTERM);
        EXPECT_EQ(second[static_cast<std::size_t>(i)].wait_code(), 0);
    }
    for (int i = 0; i < locks; ++i)
        third.push_back(agent({.who = "third", .lock = name(i), .hold = milliseconds{20}}));
    for (auto& one : third) EXPECT_EQ(one.wait_code(), 0);
    for (int i = 0; i < locks; ++i) {
        const auto stays = referee_.episodes(name(i));
        ASSERT_EQ(stays.size(), 3U);
        EXPECT_GT(stays[1].fence, stays[0].fence);
        EXPECT_GT(stays[2].fence, stays[1].fence);
    }
}

class clock_faults : public fault_world {
protected:
    clock_faults()
        : fault_world({}, {{"LD_PRELOAD", beside("libclock_shim.so")},
                           {"HOLDFAST_CLOCK_OFFSET", make_offset()}}) {}
    void TearDown() override {
        if (!stepped_forward_) fault_world::TearDown();
        std::filesystem::remove(offset_);
    }
    static std::string make_offset() {
        offset_ = std::filesystem::temp_directory_path() /
                  ("holdfast-offset-" + std::to_string(getpid()));
        std::ofstream(offset_, std::ios::binary).write("\0\0\0\0\0\0\0\0", 8);
        return offset_;
    }
    static void step_to(std::chrono::microseconds offset) {
        const std::int64_t us = offset.count();
        const int fd = open(offset_.c_str(), O_WRONLY | O_CLOEXEC);
        EXPECT_EQ(pwrite(fd, &us, sizeof us, 0), static_cast<ssize_t>(sizeof us));
        close(fd);
    }
    /// The first process has looked at the clock: a step is a difference between two looks.
    void await_first_look() const {
        const std::string sha(scripts::lock::store_clock.sha1);
        until([&] { return ask({"SCRIPT", "EXISTS", sha}) == "1\n"; });
    }
    static inline std::string offset_;
    bool stepped_forward_ = false;
};

// A waiter's heartbeat finds a lease that is longer than was asked for, and cuts it. Three locks at
// a time: load can only add to what the quickest shows.
TEST_F(clock_faults, an_hour_back_does_not_keep_a_dead_holders_lock) {
    constexpr milliseconds ttl{3000};
    auto watcher = agent({.who = "watcher", .lock = "watched", .ttl = ttl});
    await_first_look();
    const std::vector<std::string> locks{"a", "b", "c"};
    std::vector<child_process> holders, waiters;
    for (const auto& lock : locks) {
        holders.push_back(agent({.who = "holder", .lock = lock, .ttl = ttl}));
        referee_.await_entry(lock, "holder");
        waiters.push_back(agent({.who = "next", .lock = lock, .ttl = ttl}));
        await_queue(lock, 1);
    }
    ask({"SET", "nobodys", "x", "PX", "3000"});
    for (auto& holder : holders) holder.signal(SIGKILL);
    const auto stepped = now();
    step_to(-std::chrono::hours{1});
    EXPECT_GT(number({"PTTL", "nobodys"}), 3'500'000);
    referee_.await_remark("watcher", "clock back");
    EXPECT_LE(in_seconds(now() - stepped), in_seconds(ttl));  // at the heartbeat, a third of it
    auto quickest = std::chrono::nanoseconds::max();
    for (const auto& lock : locks)
        quickest = std::min(quickest, referee_.await_entry(lock, "next").entered - stepped);
    EXPECT_LE(in_seconds(quickest), in_seconds(ttl + ttl / 3 + milliseconds{250}));
    for (auto& waiter : waiters) waiter.signal(SIGTERM);
    for (auto& waiter : waiters) EXPECT_EQ(waiter.wait_code(), 0);
    watcher.signal(SIGTERM);
    EXPECT_EQ(watcher.wait_code(), 0);
}

// The lease ends early in the store; only the fence protects until the holder asks again.
TEST_F(clock_faults, twenty_seconds_forward_frees_leases_and_fences_hold) {
    stepped_forward_ = true;
    constexpr milliseconds ttl{3000};
    auto holder = agent({.who = "holder", .ttl = ttl});
    referee_.await_entry("n", "holder");
    auto next = agent({.who = "next", .ttl = ttl});
    await_queue("n", 1);
    await_first_look();
    const auto stepped = now();
    step_to(seconds{20});
    referee_.await([&] {
        return referee_.heard("next", "clock forward") || referee_.heard("holder", "clock forward");
    });
    EXPECT_LE(in_seconds(now() - stepped), in_seconds(ttl));  // at the heartbeat, a third of it
    referee_.await_entry("n", "next");
    EXPECT_EQ(holder.wait_code(), 0);  // it was told, and ended
    EXPECT_TRUE(referee_.heard("holder", "lost taken_over") ||
                referee_.heard("holder", "lost erased"));
    EXPECT_EQ(referee_.violations().find("fence"), std::string::npos) << referee_.violations();
    EXPECT_EQ(referee_.refused("next"), 0);
    next.signal(SIGTERM);
    EXPECT_EQ(next.wait_code(), 0);
}

class hostile_redis : public fault_world {
protected:
    std::vector<child_process> workers(int count) const {
        std::vector<child_process> all;
        for (int i = 0; i < count; ++i)
            all.push_back(
                agent({.who = "w" + std::to_string(i), .hold = milliseconds{10}, .turns = 0}));
        return all;
    }
    void end(std::vector<child_process>& all) const {
        for (auto& each : all) each.signal(SIGTERM);
        for (auto& each : all) EXPECT_EQ(each.wait_code(), 0);
    }
};

// Every push may be lost: a heartbeat, a third of the ttl, then finds what it told.
TEST_F(hostile_redis, connections_killed_and_scripts_flushed_all_the_time) {
    constexpr milliseconds heartbeat{1000};
    auto all = workers(4);
    referee_.await([&] { return referee_.episodes("n").size() > 4; });
    const auto began = now();
    for (int i = 0; i < 40; ++i) {
        ask({"CLIENT", "KILL", "TYPE", "pubsub"});
        ask({"SCRIPT", "FLUSH"});
        live(milliseconds{100});
    }
    const auto calm = now();
    auto last = began;
    std::chrono::nanoseconds longest{0};
    for (const auto& stay : referee_.episodes("n")) {
        if (stay.entered < began || stay.entered > calm) continue;
        longest = std::max<std::chrono::nanoseconds>(longest, stay.entered - last);
        last = stay.entered;
    }
    EXPECT_LE(in_seconds(std::max<std::chrono::nanoseconds>(longest, calm - last)),
              in_seconds(heartbeat + milliseconds{500}));
    for (int i = 0; i < 4; ++i) referee_.await_entry("n", "w" + std::to_string(i), calm);
    end(all);
    EXPECT_EQ(ask({"EXISTS", "n", "hf:q:{n}:n"}), "0");
}

TEST_F(hostile_redis, a_script_that_runs_for_five_seconds_costs_no_lease) {
    auto holder = agent({.who = "holder", .ttl = seconds{9}});
    referee_.await_entry("n", "holder");
    ask({"CONFIG", "SET", "busy-reply-threshold", "100"});
    redis_wire busy(redis_.port());
    busy.send("*3\r\n$4\r\nEVAL\r\n$17\r\nwhile true do end\r\n$1\r\n0\r\n");
    live(seconds{5});
    EXPECT_EQ(ask({"SCRIPT", "KILL"}), "OK");
    busy.hear();
    const auto freed = now();
    referee_.await([&] { return referee_.episodes("n").front().last_seen > freed + seconds{1}; });
    EXPECT_GT(number({"PTTL", "n"}), 9000 / 2);
    holder.signal(SIGTERM);
    EXPECT_EQ(holder.wait_code(), 0);
}

// Nobody may publish any more: grants are found by heartbeat.
TEST_F(hostile_redis, a_user_that_may_not_publish_still_hands_over) {
    auto all = workers(3);
    for (int i = 0; i < 3; ++i) referee_.await_entry("n", "w" + std::to_string(i));
    EXPECT_EQ(ask({"ACL", "SETUSER", "default", "-publish"}), "OK");
    const auto muted = now();
    for (int i = 0; i < 3; ++i) referee_.await_entry("n", "w" + std::to_string(i), muted);
    end(all);
    EXPECT_EQ(ask({"EXISTS", "n", "hf:q:{n}:n"}), "0");
}

TEST_F(hostile_redis, a_full_server_refuses_new_locks_and_keeps_the_old_ones) {
    auto holder = agent({.who = "holder", .ttl = seconds{1}});
    referee_.await_entry("n", "holder");
    ask({"CONFIG", "SET", "maxmemory", "1"});
    auto refused = agent({.who = "refused", .lock = "m"});
    EXPECT_EQ(refused.wait_code(), 0);
    EXPECT_TRUE(referee_.heard("refused", "refused out_of_memory"));
    const auto full = now();
    referee_.await([&] { return referee_.episodes("n").front().last_seen > full + seconds{2}; });
    holder.signal(SIGTERM);
    EXPECT_EQ(holder.wait_code(), 0);
    EXPECT_EQ(ask({"EXISTS", "n"}), "0");
    ask({"CONFIG", "SET", "maxmemory", "0"});
}

}  // namespace
}  // namespace holdfast::test
