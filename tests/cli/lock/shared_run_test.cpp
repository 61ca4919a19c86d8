// `holdfast run -s` beside `-x` and plain clients: processes against a real Redis.
#include "cli/lock/lock_commands.hpp"

#include <csignal>
#include <fstream>

namespace holdfast::test {
namespace {

class shared_run : public lock_commands {
protected:
    /// `run` with these options, whose command says "ready" and ends when go(mark) was called.
    child_process hold(std::vector<std::string> options, const std::string& mark) const {
        options.insert(options.begin(), "run");
        options.insert(options.end(),
                       {"n", "sh", "-c", "echo ready; while [ ! -e \"$0\" ]; do sleep 0.02; done",
                        path_of(mark)});
        return start(std::move(options));
    }
    std::string path_of(const std::string& mark) const { return redis.folder() + "/" + mark; }
    void go(const std::string& mark) const { std::ofstream(path_of(mark)) << ""; }
    int try_it(const std::string& how) const {
        return finish({"run", how, "-n", "-E", "9", "n", "true"}).wait_code();
    }
    void await_queue(char queue, const std::string& length) const {
        lock_commands::await_queue(queue, "n", length);
    }
    std::string kind() const { return redis.cli({"TYPE", "n"}); }
};

TEST_F(shared_run, shared_ones_run_together_and_an_exclusive_one_waits_for_all) {
    auto first = hold({"-s"}, "first");
    auto second = hold({"-s"}, "second");
    first.wait_for_line("ready");
    second.wait_for_line("ready");
    EXPECT_EQ(try_it("-s"), 0);
    EXPECT_EQ(try_it("-x"), 9);
    EXPECT_EQ(redis.cli({"SET", "n", "plain", "NX", "PX", "1000"}), "");
    auto writer = start({"run", "--verbose", "-x", "n", "sh", "-c", "echo alone"});
    EXPECT_TRUE(has(writer.wait_for_line("waiting for n"), "2 share it, 0 before us"));
    await_queue('s', "1");
    EXPECT_EQ(try_it("-s"), 9) << "a writer that waits holds later readers back";
    go("first");
    EXPECT_EQ(first.wait_code(), 0);
    EXPECT_TRUE(writer.running());
    await_queue('s', "1");
    go("second");
    EXPECT_EQ(second.wait_code(), 0);
    EXPECT_EQ(writer.wait_code(), 0);
    EXPECT_EQ(writer.out(), "alone\n");
    EXPECT_EQ(kind(), "none");
}

TEST_F(shared_run, shared_ones_wait_in_the_queue_of_an_exclusive_one_and_come_in_together) {
    auto alone = hold({"-x", "--ttl", "1h"}, "alone");
    alone.wait_for_line("ready");
    EXPECT_EQ(kind(), "string");
    EXPECT_EQ(try_it("-s"), 9);
    auto first = hold({"-s"}, "readers");
    await_queue('q', "1");
    auto second = hold({"--shared"}, "readers");
    await_queue('q', "2");
    go("alone");
    first.wait_for_line("ready");
    second.wait_for_line("ready");  // both inside: neither ends before go()
    EXPECT_EQ(kind(), "zset");
    EXPECT_EQ(redis.cli({"ZCARD", "n"}), "2");
    await_queue('q', "0");
    go("readers");
    EXPECT_EQ(first.wait_code(), 0);
    EXPECT_EQ(second.wait_code(), 0);
    EXPECT_EQ(kind(), "none");
    EXPECT_EQ(try_it("-x"), 0);
}

TEST_F(shared_run, an_exclusive_one_behind_a_shared_one_in_the_queue_changes_over) {
    auto alone = hold({}, "alone");
    alone.wait_for_line("ready");
    auto reader = hold({"-s"}, "reader");
    await_queue('q', "1");
    auto writer = hold({"-x"}, "writer");
    await_queue('q', "2");
    go("alone");
    reader.wait_for_line("ready");
    await_queue('s', "1");
    await_queue('q', "0");
    auto late = hold({"-s"}, "reader");
    await_queue('s', "2");
    go("reader");
    writer.wait_for_line("ready");
    EXPECT_TRUE(late.running());
    EXPECT_EQ(try_it("-s"), 9);
    go("writer");
    EXPECT_EQ(writer.wait_code(), 0);
    EXPECT_EQ(late.wait_code(), 0);
}

TEST_F(shared_run, a_plain_client_keeps_shared_ones_out) {
    redis.cli({"SET", "n", "plain"});
    EXPECT_EQ(try_it("-s"), 9);
    EXPECT_EQ(finish({"run", "-s", "-w", "0.1", "-E", "9", "n", "true"}).wait_code(), 9);
    await_queue('q', "0");
    auto first = hold({"-s"}, "go");
    auto second = hold({"-s"}, "go");
    await_queue('q', "2");
    redis.cli({"DEL", "n"});
    first.wait_for_line("ready");
    second.wait_for_line("ready");
    go("go");
    EXPECT_EQ(first.wait_code(), 0);
    EXPECT_EQ(second.wait_code(), 0);
}

// As when the leases of all shares end at once and a plain client is faster than the waiter.
TEST_F(shared_run, a_waiter_for_a_share_changes_over_when_the_key_becomes_a_mutex) {
    auto reader = hold({"-s", "--ttl", "3s"}, "reader");
    reader.wait_for_line("ready");
    auto writer = hold({"-x", "--ttl", "600ms"}, "writer");  // asks again every 200 ms
    await_queue('s', "1");
    reader.signal(SIGSTOP);
    redis.cli({"EVAL", "redis.call('DEL', KEYS[1], KEYS[2]) redis.call('SET', KEYS[1], 'plain')",
               "2", "n", "hf:g:{n}:n"});
    await_queue('q', "1");
    await_queue('s', "0");
    redis.cli({"DEL", "n"});
    writer.wait_for_line("ready");
    go("writer");
    EXPECT_EQ(writer.wait_code(), 0);
    reader.signal(SIGCONT);
    EXPECT_EQ(reader.wait_code(), 75) << reader.err();
}

TEST_F(shared_run, a_killed_one_keeps_others_out_for_the_rest_of_its_lease) {
    auto killed = hold({"-s", "--ttl", "1s"}, "never");
    killed.wait_for_line("ready");
    killed.signal(SIGKILL);
    killed.wait();
    EXPECT_EQ(finish({"run", "-x", "-w", "15", "n", "true"}).wait_code(), 0);
    EXPECT_EQ(kind(), "none");
}

TEST_F(shared_run, can_be_stopped_while_it_waits_in_either_queue) {
    redis.cli({"SET", "n", "plain"});
    auto reader = hold({"-s"}, "never");
    await_queue('q', "1");
    reader.signal(SIGTERM);
    EXPECT_EQ(reader.wait_code(), 128 + SIGTERM);
    await_queue('q', "0");
    redis.cli({"DEL", "n"});
    auto inside = hold({"-s"}, "inside");
    inside.wait_for_line("ready");
    auto writer = hold({"-x"}, "never");
    await_queue('s', "1");
    writer.signal(SIGTERM);
    EXPECT_EQ(writer.wait_code(), 128 + SIGTERM);
    await_queue('s', "0");
    EXPECT_EQ(try_it("-s"), 0);
    go("inside");
    EXPECT_EQ(inside.wait_code(), 0);
}

TEST_F(shared_run, has_clear_words_and_codes) {
    redis.cli({"HSET", "hash", "f", "v"});
    EXPECT_EQ(finish({"run", "-s", "hash", "true"}).wait_code(), 1);
    EXPECT_EQ(finish({"run", "-x", "-s", "n", "true"}).wait_code(), 2);
    EXPECT_EQ(finish({"run", "-s", "n", "-c", "exit 4"}).wait_code(), 4);
    auto reader = hold({"-s"}, "reader");
    reader.wait_for_line("ready");
    const auto pid = "/" + std::to_string(reader.pid()) + "/holdfast-";
    for (const auto* command : {"show", "who", "why"}) {
        auto text = finish({"lock", command, "n"});
        EXPECT_EQ(text.wait_code(), 0) << text.err();
        EXPECT_TRUE(has(text.out(), pid)) << text.out();
        const auto json = finish({"lock", command, "n", "--json"}).out();
        EXPECT_TRUE(has(json, "\"held\":true,\"holders\":[{\"owner\":")) << json;
        EXPECT_TRUE(has(json, "\"mode\":\"shared\",\"fence\":")) << json;
    }
    EXPECT_TRUE(has(finish({"lock", "show", "n"}).out(), ", shared, fence "));
    EXPECT_EQ(finish({"lock", "break", "n"}).wait_code(), 0);
    EXPECT_EQ(reader.wait_code(), 75);
}

TEST_F(shared_run, works_on_an_embedded_folder) {
    const auto store = "embedded:" + redis.folder() + "/store";
    EXPECT_EQ(finish({"run", "-s", "n", "--store", store, "true"}).wait_code(), 0);
    EXPECT_EQ(finish({"run", "-x", "n", "--store", store, "true"}).wait_code(), 0);
    EXPECT_EQ(finish({"run", "-s", "n", "--store", "memory:", "true"}).wait_code(), 0);
}

}  // namespace
}  // namespace holdfast::test
