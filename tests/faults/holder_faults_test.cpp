// Holders and waiters that are killed or frozen, as processes of their own.
#include "faults/fault_world.hpp"
#include "lock_scripts.hpp"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <limits>
#include <sstream>

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

// Twenty waiters at one lock, one each at two more: load can only add to what the quickest of the
// three shows, so that one has to keep the 250 ms.
TEST_F(holder_faults, a_holder_killed_before_twenty_waiters) {
    constexpr milliseconds ttl{3000};
    const std::vector<std::string> locks{"a", "b", "n"};
    std::vector<child_process> holders, waiters;
    for (const auto& lock : locks) {
        holders.push_back(agent({.who = "holder", .lock = lock, .ttl = ttl}));
        referee_.await_entry(lock, "holder");
        const agent_plan plan{.lock = lock, .ttl = ttl, .hold = milliseconds{10}};
        for (auto& waiter : queue_up(lock == "n" ? 20 : 1, plan))
            waiters.push_back(std::move(waiter));
    }
    std::vector<referee_time> ends;
    for (std::size_t i = 0; i < locks.size(); ++i) {
        ends.push_back(await_old_lease(locks[i], ttl * 3 / 4));
        holders[i].signal(SIGKILL);
    }
    for (auto& waiter : waiters) EXPECT_EQ(waiter.wait_code(), 0);

    auto quickest = std::chrono::nanoseconds::max();
    for (std::size_t i = 0; i < locks.size(); ++i) {
        const auto stays = referee_.episodes(locks[i]);
        ASSERT_EQ(stays.size(), locks[i] == "n" ? 21U : 2U);
        EXPECT_GE(stays[1].entered, ends[i] - milliseconds{1});  // whole milliseconds, rounded
        EXPECT_GT(stays[1].fence, stays[0].fence);
        quickest = std::min(quickest, stays[1].entered - ends[i]);
        for (std::size_t k = 1; k < stays.size(); ++k)
            EXPECT_EQ(stays[k].who, "w" + std::to_string(k - 1));
    }
    EXPECT_LE(in_seconds(quickest), 0.25 + 0.01);  // 10 ms: asking for the end takes time too
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
    // With the owner frozen too, nobody but the late one could lengthen the lease.
    next.signal(SIGSTOP);
    const auto owner = ask({"GET", "n"});
    await_old_lease("n", ttl / 2);  // so that another whole ttl would be seen
    const auto asked = now();
    const milliseconds left{number({"PTTL", "n"})};
    frozen.signal(SIGCONT);
    EXPECT_EQ(frozen.wait_code(), 0);
    EXPECT_TRUE(referee_.heard("frozen", "stale"));  // its late write was refused
    EXPECT_TRUE(referee_.heard("frozen", "lost expired_locally"));
    const auto owner_then = ask({"GET", "n"});
    const milliseconds left_then{number({"PTTL", "n"})};  // below zero: it has ended
    EXPECT_TRUE(owner_then == owner || owner_then.empty()) << owner_then;
    if (left_then > milliseconds{0}) {  // two questions take time
        EXPECT_LE(left_then, left - (now() - asked) + milliseconds{250});
    }
    next.signal(SIGCONT);
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
    live(std::chrono::ceil<milliseconds>(released.front() + seconds{10} - now()));
    for (auto& each : frozen) each.signal(SIGCONT);
    for (const auto& lock : locks) await_queue(lock, 1);  // back in line, its old grant refused
    for (auto& each : behind) each.signal(SIGTERM);
    for (std::size_t i = 0; i < locks.size(); ++i) {
        referee_.await_entry(locks[i], "frozen");
        frozen[i].signal(SIGTERM);
        EXPECT_EQ(frozen[i].wait_code(), 0);
    }
}

/// What the releases of a lock cost the server, by its slow log: microseconds each, in order.
class release_costs {
public:
    explicit release_costs(const redis_server& redis) : redis_(redis) {
        redis_.cli({"CONFIG", "SET", "slowlog-max-len", "100000"});
        redis_.cli({"CONFIG", "SET", "slowlog-log-slower-than", "0"});
        redis_.cli({"SLOWLOG", "RESET"});
    }
    // By its hash, or by the beginning of its text the first time that a connection uses it.
    std::vector<long> of(const std::string& lock) const {
        const auto& what = scripts::lock::release;
        std::istringstream found(
            redis_.cli({"EVAL", R"(local found = {}
for _, entry in ipairs(redis.call('SLOWLOG', 'GET', '-1')) do
    local words = entry[4]
    local what = string.sub(words[2] or '', 1, #ARGV[2])
    if (what == ARGV[1] or what == ARGV[2]) and words[4] == ARGV[3] then
        table.insert(found, 1, entry[3])
    end
end
return table.concat(found, ' '))",
                        "0", std::string(what.sha1),
                        std::string(what.text.substr(0, what.sha1.size())), lock}));
        return {std::istream_iterator<long>(found), {}};
    }

private:
    const redis_server& redis_;
};

// The first fifty of a hundred are dead: the release passes over all of them in one script, which
// takes the server less than 5 ms. The same at three locks: load can only add to what the quickest
// shows.
TEST_F(holder_faults, half_of_a_hundred_waiters_killed_before_the_release) {
    constexpr int each_half = 50;
    const std::vector<std::string> locks{"a", "b", "c"};
    std::vector<child_process> holders, doomed, alive;
    for (const auto& lock : locks) {
        holders.push_back(agent({.who = "holder", .lock = lock, .ttl = seconds{30}}));
        referee_.await_entry(lock, "holder");
    }
    const agent_plan plan{.lock = "a,b,c", .ttl = seconds{60}, .hold = milliseconds{1}};
    for (auto* half : {&doomed, &alive}) {
        for (int i = 0; i < each_half; ++i) {
            auto mine = plan;
            mine.who = (half == &doomed ? "d" : "w") + std::to_string(i);
            half->push_back(agent(mine));
        }
        for (const auto& lock : locks)
            await_queue(lock, half == &doomed ? each_half : 2 * each_half);
    }
    for (auto& one : doomed) one.signal(SIGKILL);
    for (auto& one : doomed) one.wait();
    const release_costs costs(redis_);
    for (auto& holder : holders) holder.signal(SIGTERM);
    for (auto& one : alive) EXPECT_EQ(one.wait_code(), 0);

    long cheapest = std::numeric_limits<long>::max();
    for (const auto& lock : locks) {
        ASSERT_EQ(referee_.episodes(lock).size(), 1U + each_half);
        const auto spent = costs.of(lock);
        ASSERT_EQ(spent.size(), 1U + each_half);  // one script each: none had to be repeated
        cheapest = std::min(cheapest, spent.front());
        EXPECT_EQ(ask({"EXISTS", lock, "hf:q:{" + lock + "}:" + lock}), "0");
    }
    EXPECT_LE(cheapest, 5000);
}

}  // namespace
}  // namespace holdfast::test
