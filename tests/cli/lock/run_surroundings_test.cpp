// `holdfast run` between whoever starts it, its command and its store: what each gets of the other.
#include "cli/lock/lock_commands.hpp"
#include "support/tcp_proxy.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>

namespace holdfast::test {
namespace {

class run_surroundings : public lock_commands {
protected:
    /// A line of the shell in which "$0" is the program.
    child_process shell(const std::string& line) const {
        child_process::options options;
        options.environment = {{"HOLDFAST_STORE", redis.url()}};
        return run_to_end({"sh", "-c", line, HOLDFAST_PROGRAM}, options);
    }
};

TEST_F(run_surroundings, the_command_gets_the_callers_descriptors_and_none_of_ours) {
    const auto alone = shell("exec 7>/dev/null; exec ls /proc/self/fd");
    const auto locked = shell("exec 7>/dev/null; exec \"$0\" run n ls /proc/self/fd");
    EXPECT_EQ(locked.out(), alone.out());
    EXPECT_TRUE(has(locked.out(), "7\n"));
}

TEST_F(run_surroundings, a_stream_that_is_closed_is_closed_for_the_command_and_used_for_nothing) {
    for (const std::string fd : {"0", "1", "2"})
        EXPECT_EQ(
            shell("exec " + fd + ">&-; exec \"$0\" run n sh -c 'test ! -e /proc/$$/fd/" + fd + "'")
                .wait_code(),
            0)
            << fd;
    redis.cli({"SET", "n", "x"});
    EXPECT_EQ(shell("exec <&- >&- 2>&-; exec \"$0\" lock show n").wait_code(), 70);
    EXPECT_EQ(redis.cli({"GET", "n"}), "x");
}

TEST_F(run_surroundings, what_was_ignored_stays_ignored_and_nothing_else_is) {
    const std::string run = "exec \"$0\" run n sh -c 'kill -HUP $$; echo alive'";
    EXPECT_EQ(shell("trap '' HUP; " + run).out(), "alive\n");
    EXPECT_EQ(shell(run).wait_code(), 128 + SIGHUP);
    EXPECT_EQ(shell("exec \"$0\" run n sh -c 'kill -PIPE $$'").wait_code(), 128 + SIGPIPE);
}

TEST_F(run_surroundings, a_command_that_cannot_be_started_holds_no_lock) {
    EXPECT_EQ(finish({"run", "n", ""}).wait_code(), 2);
    EXPECT_EQ(redis.cli({"EXISTS", "n"}), "0");
#ifndef HOLDFAST_SANITIZED  // which looks at memory through pipes of its own
    for (int limit = 8; limit <= 24; ++limit) {
        auto child = shell("ulimit -n " + std::to_string(limit) + "; exec \"$0\" run n echo ran");
        const auto code = child.wait_code();
        EXPECT_EQ(code == 0, child.out() == "ran\n") << limit << child.err();
        EXPECT_EQ(code == 0, child.err().empty()) << limit << ' ' << code;
        EXPECT_EQ(redis.cli({"EXISTS", "n"}), "0") << limit;
    }
    EXPECT_EQ(shell("ulimit -n 24; exec \"$0\" run n true").wait_code(), 0);
#endif
}

TEST_F(run_surroundings, what_cannot_be_printed_is_no_success_unless_the_reader_had_enough) {
    const auto full = shell("exec \"$0\" lock ls --json >/dev/full");
    EXPECT_EQ(std::count(full.err().begin(), full.err().end(), '\n'), 1) << full.err();
    EXPECT_EQ(shell("exec \"$0\" lock ls --json >/dev/full").wait_code(), 70);
    EXPECT_EQ(shell("{ \"$0\" lock ls --json; echo $? >&2; } | true").err(), "0\n");
}

TEST_F(run_surroundings, the_first_question_is_asked_however_short_the_wait) {
    EXPECT_EQ(finish({"run", "-w", "0.001", "n", "true"}).wait_code(), 0);
    redis.cli({"SET", "n", "x"});
    EXPECT_EQ(finish({"run", "-w", "0.001", "-E", "9", "n", "true"}).wait_code(), 9);
}

TEST_F(run_surroundings, connecting_ends_with_the_wait) {
    tcp_proxy silent(redis.port());
    silent.set(tcp_proxy::way::replies, tcp_proxy::flow::hold);
    auto child = start({"run", "-w", "0.1", "n", "true"},
                       {{"HOLDFAST_STORE", silent.url() + "?connect_timeout=600000"}});
    EXPECT_EQ(child.wait_code(), 75);
}

TEST_F(run_surroundings, a_node_that_takes_no_writes_says_so_at_once) {
    const redis_server replica({"--replicaof", "127.0.0.1 1"});
    const std::vector<std::string> ways[] = {{"-n"}, {"-w", "600"}, {"-x"}, {"-s"}, {"-sw600"}};
    for (auto words : ways) {
        words.insert(words.begin(), "run");
        words.insert(words.end(), {"n", "true"});
        auto child = start(words, {{"HOLDFAST_STORE", replica.url()}});
        EXPECT_EQ(child.wait_code(), 75);
        EXPECT_TRUE(has(child.err(), "does not accept writes")) << child.err();
    }
}

// Those of the reader's lease that ends first.
void await_extensions(const redis_server& redis, int times) {
    const auto end = [&] { return redis.cli({"ZRANGE", "n", "0", "0", "WITHSCORES"}); };
    for (int i = 0; i < times; ++i) {
        const auto before = end();
        EXPECT_TRUE(wait_until([&] { return end() != before; }));
    }
}

TEST_F(run_surroundings, out_of_memory_refuses_newcomers_alone) {
    const auto gate = redis.folder() + "/go";
    auto holder = start({"run", "-s", "--ttl", "1s", "n", "sh", "-c",
                         "echo ready; while [ ! -e \"$0\" ]; do sleep 0.02; done", gate});
    holder.wait_for_line("ready");
    auto waiter = start({"run", "-x", "--ttl", "1s", "n", "echo", "mine"});
    await_queue('s', "n", "1");
    redis.cli({"CONFIG", "SET", "maxmemory", "1"});
    await_extensions(redis, 4);
    for (const auto* way : {"-xn", "-sn", "-xw600", "-sw600"})
        EXPECT_EQ(finish({"run", way, "free", "true"}).wait_code(), 75) << way;
    EXPECT_EQ(redis.cli({"ZCARD", "hf:s:{n}:n"}), "1");
    std::ofstream(gate) << "";
    EXPECT_EQ(holder.wait_code(), 0) << holder.err();
    EXPECT_EQ(waiter.wait_code(), 0) << waiter.err();
    EXPECT_EQ(waiter.out(), "mine\n");
}

TEST_F(run_surroundings, out_of_memory_does_not_keep_a_lock_from_being_taken_away) {
    auto shared = start({"run", "-s", "n", "sh", "-c", "echo ready; sleep 600"});
    auto alone = start({"run", "m", "sh", "-c", "echo ready; sleep 600"});
    shared.wait_for_line("ready");
    alone.wait_for_line("ready");
    redis.cli({"CONFIG", "SET", "maxmemory", "1"});
    EXPECT_EQ(finish({"lock", "break", "n"}).wait_code(), 0);
    EXPECT_EQ(finish({"lock", "break", "m"}).wait_code(), 0);
    EXPECT_EQ(shared.wait_code(), 75);
    EXPECT_EQ(alone.wait_code(), 75);
}

}  // namespace
}  // namespace holdfast::test
