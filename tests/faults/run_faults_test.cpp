// `holdfast run` when its process is killed and when the store goes away.
#include "faults/fault_world.hpp"

#include <algorithm>
#include <csignal>

namespace holdfast::test {
namespace {

class run_faults : public fault_world {};

// The command of a killed holder lives on until its watcher kills it, before the lease ends; the
// next one starts after that end. Three locks at a time, because the store's own share (from the
// end of the lease to the next start) is what the quickest of them shows: load can only add to it.
// Each holder is killed late in its lease, so that the whole bound, ttl + 250 ms from the kill, has
// the elapsed part of the ttl in reserve.
TEST_F(run_faults, killed_with_kill_9_the_next_starts_within_ttl_and_250_ms) {
    constexpr milliseconds ttl{5000};
    constexpr int locks = 3;
    std::vector<child_process> holders;
    std::vector<child_process> waiters;
    for (int i = 0; i < locks; ++i) {
        const auto lock = "n" + std::to_string(i);
        holders.push_back(run(lock, "first", {"--ttl", "5s"}));
        referee_.await_entry(lock, "first");
        waiters.push_back(run(lock, "second", {"--ttl", "5s"}, milliseconds{50}));
        await_queue(lock, 1);
    }
    auto quickest = std::chrono::nanoseconds::max();
    std::vector<referee_time> killed_at(locks);
    std::vector<referee_time> ends_at(locks);
    for (std::size_t i = 0; i < locks; ++i) {
        const auto lock = "n" + std::to_string(i);
        ends_at[i] = await_old_lease(lock, ttl * 3 / 4);
        killed_at[i] = now();
        holders[i].signal(SIGKILL);
    }
    for (std::size_t i = 0; i < locks; ++i) {
        const auto lock = "n" + std::to_string(i);
        const auto next = referee_.await_entry(lock, "second");
        EXPECT_EQ(waiters[i].wait_code(), 0);
        EXPECT_LE(in_seconds(next.entered - killed_at[i]), in_seconds(ttl + milliseconds{250}));
        quickest = std::min(quickest, next.entered - ends_at[i]);
        EXPECT_GT(next.fence, referee_.episodes(lock).front().fence);
        EXPECT_EQ(referee_.refused("first"), 0);
    }
    EXPECT_LE(in_seconds(quickest), 0.25 + 0.01);  // 10 ms: asking for the end takes time too
}

class outage_faults : public fault_world {
protected:
    outage_faults() : fault_world({"--appendonly", "yes"}) {}
};

// `long` outlives the outage, `short` does not, and three workers hand `busy` around all the time.
TEST_F(outage_faults, redis_away_for_ten_seconds_and_everything_resumes) {
    auto lasting = run("long", "lasting", {"--ttl", "40s"});
    auto brief = run("short", "brief", {"--ttl", "3s"});
    referee_.await_entry("long", "lasting");
    referee_.await_entry("short", "brief");
    auto after_brief = run("short", "after", {"--ttl", "3s"}, milliseconds{50});
    auto never = run("long", "never", {"--ttl", "40s"});
    await_queue("short", 1);
    await_queue("long", 1);
    std::vector<child_process> workers;
    for (const auto* who : {"w1", "w2", "w3"})
        workers.push_back(
            agent({.who = who, .lock = "busy", .hold = milliseconds{20}, .turns = 0}));
    referee_.await([&] { return referee_.episodes("busy").size() > 10; });

    redis_.stop();
    EXPECT_EQ(brief.wait_code(), 75);  // killed by its watcher before its lease ended
    live(seconds{7});
    const auto began = now();
    redis_.start();

    EXPECT_EQ(after_brief.wait_code(), 0);
    EXPECT_GT(referee_.await_entry("short", "after").entered, began);
    for (const auto* who : {"w1", "w2", "w3"}) referee_.await_entry("busy", who, began);
    await_queue("long", 1);  // the waiter is back in its place
    referee_.await(
        [&] { return referee_.episodes("long").front().last_seen > now() - seconds{1}; });
    EXPECT_EQ(referee_.episodes("long").size(), 1U);
    EXPECT_TRUE(lasting.running());
    for (auto& worker : workers) worker.signal(SIGTERM);
    for (auto& worker : workers) EXPECT_EQ(worker.wait_code(), 0);
    never.signal(SIGTERM);
    EXPECT_EQ(never.wait_code(), 128 + SIGTERM);
    lasting.signal(SIGHUP);
    EXPECT_EQ(lasting.wait_code(), 128 + SIGHUP);
}

}  // namespace
}  // namespace holdfast::test
