// `holdfast run` and `holdfast lock` as processes, against a real Redis.
#include "support/redis_server.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <algorithm>

namespace holdfast::test {
namespace {

class run_command : public testing::Test {
protected:
    std::vector<std::string> line(std::vector<std::string> words) const {
        words.insert(words.begin(), HOLDFAST_PROGRAM);
        return words;
    }
    child_process start(std::vector<std::string> words) const {
        child_process::options options;
        options.environment = {{"HOLDFAST_STORE", redis.url()}};
        return child_process(line(std::move(words)), options);
    }
    child_process finish(std::vector<std::string> words) const {
        auto child = start(std::move(words));
        child.wait();
        return child;
    }
    redis_server redis;
};

TEST_F(run_command, passes_output_and_exit_code_on_and_says_nothing_itself) {
    auto child = finish({"run", "n", "--", "sh", "-c", "echo $HOLDFAST_LOCK; exit 7"});
    EXPECT_EQ(child.wait_code(), 7);
    EXPECT_EQ(child.out(), "n\n");
    EXPECT_EQ(child.err(), "");
    EXPECT_EQ(redis.cli({"EXISTS", "n"}), "0");
}

struct ending {
    std::vector<std::string> words;
    int code;
};

TEST_F(run_command, has_an_exit_code_for_every_ending) {
    redis.cli({"SET", "plain", "x"});
    redis.cli({"HSET", "hash", "f", "v"});
    const ending table[] = {
        {{"run", "n", "--", "true"}, 0},
        {{"run", "n", "--", "sh", "-c", "kill -TERM $$"}, 128 + SIGTERM},
        {{"run", "n", "--", "/nonexistent/program"}, 127},
        {{"run", "n", "--", "/etc/passwd"}, 126},
        {{"run", "plain", "--no-wait", "--", "true"}, 1},
        {{"run", "plain", "--wait", "50ms", "--conflict-exit-code", "9", "--", "true"}, 9},
        {{"run", "hash", "--", "true"}, 1},
        {{"run", "", "--", "true"}, 2},
        {{"run", "a{b", "--", "true"}, 2},
        {{"run", "n", "--ttl", "0", "--", "true"}, 2},
        {{"run", "n", "--ttl", "25h", "--", "true"}, 2},
        {{"run", "n", "--ttl", "-1s", "--", "true"}, 2},
        {{"run", "n", "--wait", "soon", "--", "true"}, 2},
        {{"run", "n", "--wait", "1s", "--no-wait", "--", "true"}, 2},
        {{"run", "n"}, 2},
        {{"run", "n", "--store", "redis://127.0.0.1:1", "--", "true"}, 75},
        {{"lock", "break", "free"}, 1},
        {{"lock", "show", "hash"}, 1},
        {{"lock", "show", "n"}, 0},
        {{"lock", "ls"}, 0},
    };
    for (const auto& row : table) {
        auto child = finish(row.words);
        EXPECT_EQ(child.wait_code(), row.code) << testing::PrintToString(row.words) << child.err();
        const auto lines = std::count(child.err().begin(), child.err().end(), '\n');
        EXPECT_LE(lines, 1) << child.err();
    }
    EXPECT_EQ(redis.cli({"EXISTS", "n"}), "0");
}

TEST_F(run_command, passes_signals_to_the_command) {
    auto child = start({"run", "n", "--", "sh", "-c",
                        "trap 'echo got; exit 5' HUP; echo ready; while :; do sleep 0.05; done"});
    child.wait_for_line("ready");
    child.signal(SIGHUP);
    EXPECT_EQ(child.wait_code(), 5);
    EXPECT_EQ(child.out(), "ready\ngot\n");
}

TEST_F(run_command, can_be_stopped_while_it_waits) {
    redis.cli({"SET", "n", "plain"});
    auto child = start({"run", "n", "--", "true"});
    while (redis.cli({"ZCARD", "hf:q:{n}:n"}) != "1") {
    }
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait_code(), 128 + SIGTERM);
    EXPECT_EQ(redis.cli({"ZCARD", "hf:q:{n}:n"}), "0");
}

TEST_F(run_command, stops_its_command_when_the_lock_is_broken) {
    auto child = start({"run", "n", "--", "sh", "-c", "echo ready; sleep 600"});
    child.wait_for_line("ready");
    EXPECT_NE(finish({"lock", "ls", "--json"}).out().find("\"name\":\"n\""), std::string::npos);
    EXPECT_EQ(finish({"lock", "break", "n"}).wait_code(), 0);
    EXPECT_EQ(child.wait_code(), 75);
}

TEST_F(run_command, kills_its_command_before_the_lease_ends_when_redis_is_away) {
    auto child = start({"run", "n", "--ttl", "2s", "--", "sh", "-c",
                        "trap '' TERM; echo ready; while :; do sleep 0.05; done"});
    child.wait_for_line("ready");
    redis.process().signal(SIGSTOP);
    const auto away = std::chrono::steady_clock::now();
    EXPECT_EQ(child.wait_code(), 75);
    EXPECT_LT(std::chrono::steady_clock::now() - away, std::chrono::seconds{15});
    redis.process().signal(SIGCONT);
}

}  // namespace
}  // namespace holdfast::test
