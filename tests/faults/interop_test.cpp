// Plain clients on the same key: SET NX PX and compare-and-delete, spoken on the wire by hand.
#include "faults/fault_world.hpp"
#include "support/wait.hpp"

#include <csignal>
#include <thread>

namespace holdfast::test {
namespace {

constexpr const char* compare_and_delete =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

/// As redsync, bsm/redislock and ShedLock do it: one key, a value of one's own, an expiry.
class plain_client {
public:
    plain_client(unsigned short port, const std::string& referee, std::string who)
        : wire_(port), line_(referee, who), value_(who + "-7f3a") {}

    bool take(const std::string& lock) {
        return wire_.ask({"SET", lock, value_, "NX", "PX", "20000"}) == "OK";
    }
    bool give(const std::string& lock) {
        return wire_.ask({"EVAL", compare_and_delete, "1", lock, value_}) == "1";
    }
    void stay(const std::string& lock, milliseconds span) {
        const auto began = std::chrono::steady_clock::now();
        line_.enter(lock, 0, began);
        for (auto now = began; now < began + span; now = std::chrono::steady_clock::now()) {
            line_.inside(lock, 0, now);
            let_live(milliseconds{1});
        }
    }

private:
    redis_wire wire_;
    referee_line line_;
    std::string value_;
};

class interop : public fault_world {
protected:
    plain_client plain(const std::string& who) const {
        return plain_client(redis_.port(), referee_.path(), who);
    }
};

TEST_F(interop, plain_clients_and_ours_exclude_each_other_on_one_key) {
    constexpr int turns = 15;
    std::vector<child_process> ours;
    for (const auto* who : {"w0", "w1"})
        ours.push_back(agent({.who = who, .hold = milliseconds{4}, .turns = turns}));
    auto command = run("n", "run", {"--ttl", "20s"}, milliseconds{20});
    std::vector<std::jthread> theirs;
    for (const auto* who : {"p0", "p1"})
        theirs.emplace_back([this, who] {
            auto client = plain(who);
            for (int turn = 0; turn < turns;) {
                if (!client.take("n")) {
                    let_live(milliseconds{2});
                    continue;
                }
                client.stay("n", milliseconds{4});
                EXPECT_TRUE(client.give("n"));
                ++turn;
            }
        });
    theirs.clear();  // joined
    for (auto& one : ours) EXPECT_EQ(one.wait_code(), 0);
    EXPECT_EQ(command.wait_code(), 0);
    EXPECT_EQ(referee_.episodes("n").size(), 4U * turns + 1);
    EXPECT_EQ(ask({"EXISTS", "n", "hf:q:{n}:n"}), "0");
}

TEST_F(interop, a_plain_client_neither_takes_nor_deletes_what_we_hold) {
    auto holder = agent({.who = "holder"});
    referee_.await_entry("n", "holder");
    auto client = plain("p");
    EXPECT_FALSE(client.take("n"));
    EXPECT_FALSE(client.give("n"));
    EXPECT_EQ(ask({"TYPE", "n"}), "string");
    EXPECT_EQ(ask({"STRLEN", "n"}), "32");
    holder.signal(SIGTERM);
    EXPECT_EQ(holder.wait_code(), 0);
    EXPECT_TRUE(client.take("n"));
    EXPECT_TRUE(client.give("n"));
}

TEST_F(interop, a_plain_client_that_died_keeps_us_out_until_its_key_expires) {
    EXPECT_EQ(ask({"SET", "n", "gone", "NX", "PX", "700"}), "OK");
    const auto left = milliseconds{number({"PTTL", "n"})};
    const auto seen = now();
    auto next = agent({.who = "next", .hold = milliseconds{5}});
    EXPECT_EQ(next.wait_code(), 0);
    EXPECT_GE(referee_.await_entry("n", "next").entered, seen + left - milliseconds{20});
}

// std::unique_lock over holdfast::mutex in three processes, and a coroutine in a fourth.
TEST_F(interop, a_mutex_excludes_across_processes) {
    std::vector<child_process> all;
    for (const auto* who : {"m0", "m1", "m2"})
        all.push_back(agent({.who = who, .hold = milliseconds{3}, .turns = 25, .blocking = true}));
    all.push_back(agent({.who = "c", .hold = milliseconds{3}, .turns = 25}));
    for (auto& one : all) EXPECT_EQ(one.wait_code(), 0);
    EXPECT_EQ(referee_.episodes("n").size(), 100U);
    for (const auto* who : {"m0", "m1", "m2", "c"}) EXPECT_EQ(referee_.refused(who), 0);
}

}  // namespace
}  // namespace holdfast::test
