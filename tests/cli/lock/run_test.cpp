// `holdfast run` and `holdfast lock` as processes, against a real Redis.
#include "cli/lock/lock_commands.hpp"
#include "support/tcp_proxy.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>

namespace holdfast::test {
namespace {

class run_command : public lock_commands {};

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
        {{"run", "plain", "--wait", "500ms", "--conflict-exit-code", "9", "--", "true"}, 9},
        {{"run", "hash", "--", "true"}, 1},
        {{"run", "", "--", "true"}, 2},
        {{"run", "a{b", "--", "true"}, 2},
        {{"run", "n", "--ttl", "0", "--", "true"}, 2},
        {{"run", "n", "--ttl", "25h", "--", "true"}, 2},
        {{"run", "n", "--ttl", "-1s", "--", "true"}, 2},
        {{"run", "n", "--wait", "soon", "--", "true"}, 2},
        {{"run", "n", "--wait", "1s", "--no-wait", "--", "true"}, 2},
        {{"run", "n"}, 2},
        {{"run", "n", "-c", "true", "--", "true"}, 2},
        {{"run", "n", "--on-lost", "cry", "true"}, 2},
        {{"run", "n", "-w", "1.5.5", "true"}, 2},
        {{"run", "n", "-w", "nan", "true"}, 2},
        {{"run", "n", "-w", "-1", "true"}, 2},
        {{"run", "n", "-E", "256", "true"}, 2},
        {{"run", "-n", "plain", "true"}, 1},
        {{"run", "-nE", "9", "plain", "true"}, 9},
        {{"run", "-xn", "plain", "true"}, 1},
        {{"run", "-E9", "-w0.5", "plain", "true"}, 9},
        {{"run", "plain", "-w", "0", "-E", "0", "false"}, 0},
        {{"run", "n", "-c", "exit 4"}, 4},
        {{"run", "n", "-c", ""}, 0},
        {{"run", "n", "-w", "", "true"}, 2},
        {{"run", "n", "-w", "1.5s", "true"}, 0},
        {{"run", "-w", "600", "-w", "0", "plain", "true"}, 1},
        {{"run", "--nonblocking", "plain", "true"}, 1},
        {{"run", "-n", "-E", "010", "plain", "true"}, 10},
        {{"run", "n", "-E", "0x10", "true"}, 2},
        {{"run", "n", "-E", "", "true"}, 2},
        {{"run", "--bogus", "n", "true"}, 2},
        {{"run", "hf:q:{n}:n", "true"}, 2},
        {{"run", "-o", "n", "true"}, 0},
        {{"run", "-F", "n", "true"}, 2},
        {{"run", "-u", "n", "true"}, 2},
        {{"lock", "break", "n", "--holder", "me"}, 2},
        {{"lock", "break", "plain", "--holder", ""}, 2},
        {{"lock", "why", "plain", "--owner", ""}, 2},
        {{"lock", "shew", "n"}, 2},
        {{"run", "n", "sh", "-c", "exit 5"}, 5},
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

TEST_F(run_command, leaves_the_words_of_the_command_alone) {
    EXPECT_EQ(finish({"run", "n", "echo", "-n", "--", "--ttl"}).out(), "-- --ttl");
    EXPECT_EQ(finish({"run", "n", "--", "echo", "--", "-w"}).out(), "-- -w\n");
    EXPECT_EQ(finish({"run", "n", "--ttl=3s", "-w", "5", "echo", "run"}).out(), "run\n");
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

TEST_F(run_command, leaves_at_once_when_there_is_no_store_to_say_goodbye_to) {
    tcp_proxy between(redis.port());
    redis.cli({"SET", "n", "plain"});
    auto child = start({"run", "n", "--store", between.url(), "--", "true"});
    await_queue('q', "n", "1");
    redis.stop();
    ASSERT_TRUE(wait_until([&] { return between.count().connections > 1; }));
    const auto told = std::chrono::steady_clock::now();
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait_code(), 128 + SIGTERM);
    EXPECT_LT(std::chrono::steady_clock::now() - told, std::chrono::milliseconds{1900});
}

TEST_F(run_command, can_be_stopped_while_it_connects) {
    tcp_proxy silent(redis.port());
    silent.set(tcp_proxy::way::replies, tcp_proxy::flow::hold);
    auto child = start({"run", "n", "--store", silent.url() + "?connect_timeout=600000", "true"});
    ASSERT_TRUE(wait_until([&] { return silent.count().connections == 1; }));
    child.signal(SIGINT);
    EXPECT_EQ(child.wait_code(), 128 + SIGINT);
}

TEST_F(run_command, says_who_has_it_when_asked_to) {
    auto first = start({"run", "n", "sh", "-c", "echo ready; sleep 600"});
    first.wait_for_line("ready");
    auto second = start({"run", "--verbose", "n", "echo", "mine"});
    const auto line = second.wait_for_line("waiting for n");
    EXPECT_NE(line.find("/" + std::to_string(first.pid()) + "/holdfast-"), line.npos) << line;
    first.signal(SIGTERM);
    EXPECT_EQ(second.wait_code(), 0);
    EXPECT_NE(second.err().find("n granted after"), std::string::npos);
}

TEST_F(run_command, names_the_rule_that_an_access_list_lacks_for_the_locks_key) {
    redis.cli({"ACL", "SETUSER", "svc", "on", ">pw", "~hf:*", "&*", "+@all"});
    const auto as_user = "redis://svc:pw@" + redis.url().substr(std::string("redis://").size());
    auto child = start({"run", "orders", "echo", "ran"}, {{"HOLDFAST_STORE", as_user}});
    EXPECT_EQ(child.wait_code(), 75);
    EXPECT_EQ(child.out(), "");
    EXPECT_TRUE(has(child.err(), "ACL SETUSER svc ~orders\n")) << child.err();
}

TEST_F(run_command, what_is_lost_may_be_ignored) {
    auto child = start({"run", "--on-lost", "ignore", "n", "sh", "-c",
                        "trap 'echo told' TERM; echo ready; while [ ! -e \"$0\" ]; do sleep 0.02; "
                        "done; exit 6",
                        redis.folder() + "/go"});
    child.wait_for_line("ready");
    EXPECT_EQ(finish({"lock", "break", "n"}).wait_code(), 0);
    EXPECT_EQ(finish({"run", "-w", "5", "n", "true"}).wait_code(), 0);
    std::ofstream(redis.folder() + "/go") << "";
    EXPECT_EQ(child.wait_code(), 6);
    EXPECT_EQ(child.out(), "ready\n");
    EXPECT_NE(child.err().find("broken; the command ran on"), std::string::npos) << child.err();
}

TEST_F(run_command, may_kill_without_a_word_when_the_lock_is_lost) {
    auto child = start({"run", "--on-lost", "kill", "n", "sh", "-c",
                        "trap 'echo told; exit 0' TERM; echo ready; while :; do sleep 0.02; done"});
    child.wait_for_line("ready");
    finish({"lock", "break", "n"});
    EXPECT_EQ(child.wait_code(), 75);
    EXPECT_EQ(child.out(), "ready\n");
}

// One folder is one process's at a time: to a second run that is a lock that is held.
TEST_F(run_command, works_on_an_embedded_folder) {
    const auto store = "embedded:" + redis.folder() + "/store";
    auto first = start({"run", "n", "--store", store, "sh", "-c", "echo ready; sleep 600"});
    first.wait_for_line("ready");
    EXPECT_EQ(finish({"run", "n", "-n", "-E", "9", "--store", store, "true"}).wait_code(), 9);
    EXPECT_EQ(finish({"run", "n", "-w", "0.1", "--store", store, "true"}).wait_code(), 1);
    auto next =
        start({"run", "--verbose", "n", "--store", store, "sh", "-c", "echo $HOLDFAST_FENCE"});
    next.wait_for_line("waiting");
    first.signal(SIGTERM);
    EXPECT_EQ(first.wait_code(), 128 + SIGTERM);
    EXPECT_EQ(next.wait_code(), 0);
    EXPECT_GT(std::stoull(next.out()), 0U);
    EXPECT_EQ(finish({"run", "n", "--store", "memory:", "true"}).wait_code(), 0);
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
