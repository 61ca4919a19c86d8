// Holders and waiters that are killed or frozen, as processes of their own.
#include "faults/fault_world.hpp"

#include <algorithm>
#include <csignal>

namespace holdfast::test {
namespace {

class holder_faults : public fault_world {
protected:
    /// Waiters "w0", "w1", … in the queue in this order.
    std::vector<child_process> queue_up(int count, const agent_plan& plan) {
        std::vector<child_process> waiters;
        for (int i = 0; i < count; ++i) {
            auto mine = plan;
            mine.who = "w" + std::to_string(i);
            waiters.push_back(agent(mine));
            await_queue(plan.lock, i + 1);
        }
        return waiters;
    }
};

TEST_F(holder_faults, a_holder_killed_before_twenty_waiters) {
    constexpr milliseconds ttl{3000};
    auto holder = agent({.who = "holder", .ttl = ttl});
    referee_.await_entry("n", "holder");
    auto waiters = queue_up(20, {.ttl = ttl, .hold = milliseconds{10}});
    const auto ends = await_old_lease("n", ttl * 3 / 4);
    const auto killed = now();
    holder.signal(SIGKILL);
    for (auto& waiter : waiters) EXPECT_EQ(waiter.wait_code(), 0);

    const auto stays = referee_.episodes("n");
    ASSERT_EQ(stays.size(), 21U);
    EXPECT_GE(stays[1].entered, ends - milliseconds{1});  // whole milliseconds, rounded
    EXPECT_LE(in_seconds(stays[1].entered - killed), in_seconds(ttl + milliseconds{250}));
    for (std::size_t i = 1; i < stays.size(); ++i)
        EXPECT_EQ(stays[i].who, "w" + std::to_string(i - 1));
}

TEST_F(holder_faults, a_holder_frozen_for_three_leases) {
    constexpr milliseconds ttl{1000};
    auto frozen = agent({.who = "frozen", .ttl = ttl});
    referee_.await_entry("n", "frozen");
    auto next = agent({.who = "next", .ttl = ttl});
    await_queue("n", 1);
    frozen.signal(SIGSTOP);
    const auto stopped = now();
    referee_.await_entry("n", "next");
    live(std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(stopped + 3 * ttl - now())));
    const auto owner = ask({"GET", "n"});
    frozen.signal(SIGCONT);
    EXPECT_EQ(frozen.wait_code(), 0);
    EXPECT_TRUE(referee_.heard("frozen", "stale"));  // its late write was refused
    EXPECT_TRUE(referee_.heard("frozen", "lost expired_locally"));
    EXPECT_EQ(ask({"GET", "n"}), owner);
    EXPECT_TRUE(next.running());
    next.signal(SIGTERM);
    EXPECT_EQ(next.wait_code(), 0);
    EXPECT_EQ(referee_.refused("next"), 0);
}

// Three locks at a time: load can only add to what the quickest shows.
TEST_F(holder_faults, the_next_waiter_is_frozen_when_its_turn_comes) {
    constexpr milliseconds provisional{3000};
    std::vector<child_process> holders, frozen, behind;
    std::vector<std::string> locks{"a", "b", "c"};
    for (const auto& lock : locks) {
        holders.push_back(agent({.who = "holder", .lock = lock, .ttl = seconds{30}}));
        referee_.await_entry(lock, "holder");
        frozen.push_back(agent({.who = "frozen", .lock = lock, .ttl = seconds{30}}));
        await_queue(lock, 1);
        behind.push_back(agent({.who = "behind", .lock = lock, .ttl = seconds{30}}));
        await_queue(lock, 2);
        frozen.back().signal(SIGSTOP);
    }
    std::vector<referee_time> released;
    for (auto& holder : holders) {
        released.push_back(now());
        holder.signal(SIGTERM);
    }
    auto quickest = std::chrono::nanoseconds::max();
    for (std::size_t i = 0; i < locks.size(); ++i)
        quickest =
            std::min(quickest, referee_.await_entry(locks[i], "behind").entered - released[i]);
    EXPECT_GE(in_seconds(quickest), in_seconds(provisional) - 0.01);
    EXPECT_LE(in_seconds(quickest), in_seconds(provisional) + 0.25);
    for (auto& each : frozen) each.signal(SIGCONT);
    for (const auto& lock : locks) await_queue(lock, 1);  // back in line, its old grant refused
    for (auto& each : behind) each.signal(SIGTERM);
    for (std::size_t i = 0; i < locks.size(); ++i) {
        referee_.await_entry(locks[i], "frozen");
        frozen[i].signal(SIGTERM);
        EXPECT_EQ(frozen[i].wait_code(), 0);
    }
}

// The first fifty of a hundred are dead: the release passes over all of them in one script, and
// nobody waits for a timer. Each waiter is taken off the queue once, dead or alive.
TEST_F(holder_faults, half_of_a_hundred_waiters_killed_before_the_release) {
    constexpr int each_half = 50;
    auto holder = agent({.who = "holder", .ttl = seconds{30}});
    referee_.await_entry("n", "holder");
    std::vector<child_process> doomed, alive;
    const agent_plan plan{.ttl = seconds{60}, .hold = milliseconds{1}};
    for (auto* half : {&doomed, &alive}) {
        for (int i = 0; i < each_half; ++i) {
            auto mine = plan;
            mine.who = (half == &doomed ? "d" : "w") + std::to_string(i);
            half->push_back(agent(mine));
        }
        await_queue("n", half == &doomed ? each_half : 2 * each_half);
    }
    for (auto& one : doomed) one.signal(SIGKILL);
    for (auto& one : doomed) one.wait();
    ask({"CONFIG", "RESETSTAT"});
    const auto released = now();
    holder.signal(SIGTERM);
    for (auto& one : alive) EXPECT_EQ(one.wait_code(), 0);
    const auto stays = referee_.episodes("n");
    ASSERT_EQ(stays.size(), 1U + each_half);
    EXPECT_LT(in_seconds(stays[1].entered - released), 3.0);  // no provisional lease ran out
    const auto stats = ask({"INFO", "commandstats"});
    EXPECT_NE(stats.find("cmdstat_zpopmin:calls=100,"), stats.npos) << stats;
    EXPECT_EQ(ask({"EXISTS", "n", "hf:q:{n}:n"}), "0");
}

}  // namespace
}  // namespace holdfast::test
