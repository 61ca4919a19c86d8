// `holdfast lock who|why|top` against a real Redis, with real holders and waiters.
#include "cli/doctor/judge_server.hpp"
#include "cli/lock/lock_commands.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <fstream>

namespace holdfast::test {
namespace {

class lock_command : public lock_commands {
protected:
    /// A `run` whose command holds the lock until it is killed.
    child_process hold(const std::string& name) const {
        auto child = start({"run", name, "sh", "-c", "echo ready; sleep 600"});
        child.wait_for_line("ready");
        return child;
    }
};

TEST_F(lock_command, who_names_the_holder_and_those_before_it) {
    EXPECT_EQ(finish({"run", "n", "true"}).wait_code(), 0);
    EXPECT_EQ(finish({"lock", "who", "n"}).wait_code(), 1);
    auto broken = hold("n");
    EXPECT_EQ(finish({"lock", "break", "n"}).wait_code(), 0);
    broken.wait();
    auto holder = hold("n");
    const auto pid = std::to_string(holder.pid());
    ASSERT_TRUE(wait_until([&] {  // the history is written beside the lock, not before it
        return has(finish({"lock", "who", "n", "--json"}).out(), "\"how\":\"broken\"");
    }));
    auto text = finish({"lock", "who", "n"});
    EXPECT_EQ(text.wait_code(), 0);
    EXPECT_TRUE(has(text.out(), "pid       " + pid + "\nbuild     holdfast-")) << text.out();
    EXPECT_TRUE(has(text.out(), ", released\n")) << text.out();
    const auto json = finish({"lock", "who", "n", "--json"}).out();
    EXPECT_TRUE(has(json, "\"pid\":\"" + pid + "\"")) << json;
    EXPECT_LT(json.find("\"how\":\"broken\""), json.find("\"how\":\"released\"")) << json;
    EXPECT_EQ(redis.cli({"ZCARD", "hf:h:{n}:n"}), "3");
    EXPECT_GT(std::stoll(redis.cli({"PTTL", "hf:h:{n}:n"})), 0);
}

TEST_F(lock_command, who_knows_a_plain_client_and_an_owner_that_died) {
    redis.cli({"SET", "plain", "me"});
    EXPECT_TRUE(has(finish({"lock", "who", "plain"}).out(), "another client has plain"));
    auto killed = hold("n");
    killed.signal(SIGKILL);
    killed.wait();
    redis.cli({"DEL", "n"});
    EXPECT_TRUE(has(finish({"lock", "who", "n"}).out(), "no word of its end"));
}

TEST_F(lock_command, show_knows_the_trace_that_a_run_was_started_in) {
    const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    auto child = start({"run", "n", "sh", "-c", "echo ready; sleep 600"}, {{"TRACEPARENT", trace}});
    child.wait_for_line("ready");
    EXPECT_TRUE(has(finish({"lock", "show", "n", "--json"}).out(), trace));
    auto odd = start({"run", "m", "true"}, {{"TRACEPARENT", "not one"}});
    EXPECT_EQ(odd.wait_code(), 0);
    auto refused = start({"run", "m", "true"}, {{"HOLDFAST_AGENT", "a b"}});
    EXPECT_EQ(refused.wait_code(), 2);
    EXPECT_TRUE(has(refused.err(), "HOLDFAST_AGENT")) << refused.err();
}

// Two runs that each run another one inside: the inner ones wait for each other's outer ones.
TEST_F(lock_command, why_finds_a_deadlock_of_runs_inside_runs) {
    const auto nest = [&](const std::string& outer, const std::string& inner) {
        const auto both = std::string(HOLDFAST_PROGRAM) + " run " + inner + " true";
        const auto fifo = redis.folder() + "/" + outer;
        EXPECT_EQ(mkfifo(fifo.c_str(), 0600), 0);
        const auto then = "read go < " + fifo + "; exec " + both;
        auto child = start({"run", outer, "sh", "-c", "echo ready; " + then});
        child.wait_for_line("ready");
        return child;
    };
    auto one = nest("x", "y");
    auto other = nest("y", "x");
    std::ofstream(redis.folder() + "/x") << "go\n";
    await_queue('q', "y", "1");
    EXPECT_TRUE(has(finish({"lock", "why", "x", "--json"}).out(), "{\"deadlock\":false"));
    std::ofstream(redis.folder() + "/y") << "go\n";
    await_queue('q', "x", "1");
    const auto text = finish({"lock", "why", "x"}).out();
    EXPECT_TRUE(has(text, "a deadlock: ")) << text;
    EXPECT_TRUE(has(text, "#run waits for y, held by ")) << text;
    EXPECT_TRUE(has(text, "#run waits for x, held by ")) << text;
    EXPECT_TRUE(has(finish({"lock", "why", "y", "--json"}).out(), "{\"deadlock\":true"));
    other.signal(SIGTERM);
    EXPECT_EQ(one.wait_code(), 0);
}

TEST_F(lock_command, why_shows_the_queue_and_how_long_it_may_take) {
    for (int i = 0; i < 3; ++i) finish({"run", "n", "true"});  // something to estimate by
    auto holder = hold("n");
    auto waiter = start({"run", "n", "true"});
    await_queue('q', "n", "1");
    const auto text = finish({"lock", "why", "n"}).out();
    EXPECT_TRUE(has(text, "/" + std::to_string(holder.pid()) + "/")) << text;
    EXPECT_TRUE(has(text, "1. ")) << text;
    EXPECT_TRUE(has(text, "2. is your place, about ")) << text;
    const auto json = finish({"lock", "why", "n", "--json"}).out();
    EXPECT_TRUE(has(json, "\"deadlocks\":[],\"your_place\":2,\"estimate_ms\":")) << json;
    waiter.signal(SIGTERM);
    waiter.wait();
}

TEST_F(lock_command, top_shows_the_most_waited_for_first) {
    auto busy = hold("busy");
    auto quiet = hold("quiet");
    auto waiter = start({"run", "busy", "true"});
    await_queue('q', "busy", "1");
    const auto once = finish({"lock", "top", "--once"});
    EXPECT_TRUE(once.out().starts_with("2 locks, 1 waiting\n")) << once.out();
    EXPECT_LT(once.out().find(" busy "), once.out().find(" quiet ")) << once.out();
    const auto json = finish({"lock", "top", "--once", "--json", "-n", "1"}).out();
    EXPECT_TRUE(json.starts_with("[{\"name\":\"busy\"")) << json;
    EXPECT_FALSE(has(json, "quiet"));
    auto live = start({"lock", "top", "--interval", "100ms"});
    live.wait_for_line("2 locks, 1 waiting");
    waiter.signal(SIGTERM);
    waiter.wait();
    live.wait_for_line("2 locks, 0 waiting");
    live.signal(SIGINT);
    EXPECT_EQ(live.wait_code(), 128 + SIGINT);
    EXPECT_EQ(finish({"lock", "top", "--once", "--interval", "1ms"}).wait_code(), 2);
}

TEST_F(lock_command, shows_a_plain_clients_value_in_one_line_and_not_all_of_a_long_one) {
    redis.cli({"SET", "odd", "a\nb\x1b[31m\tc"});
    redis.cli({"SET", "long", std::string(100000, 'x')});
    for (const auto* what : {"show", "who"}) {
        const auto text = finish({"lock", what, "odd"}).out();
        EXPECT_TRUE(has(text, "a?b?[31m?c")) << text;
        EXPECT_LT(finish({"lock", what, "long"}).out().size(), 1000U);
    }
    EXPECT_TRUE(has(finish({"lock", "show", "odd", "--json"}).out(),
                    "\"owner\":\"a\\u000ab\\u001b[31m\\u0009c\""));
}

TEST_F(lock_command, break_says_in_json_which_fences_are_refused) {
    auto holder = start({"run", "n", "sh", "-c", "echo $HOLDFAST_FENCE; sleep 600"});
    const auto fence = std::stoull(holder.wait_for_line("1"));
    const auto text = finish({"lock", "break", "--json", "n"}).out();
    const std::string head = "{\"name\":\"n\",\"broken\":true,\"refused_up_to\":";
    ASSERT_TRUE(text.starts_with(head)) << text;
    EXPECT_GE(std::stoull(text.substr(head.size())), fence);
}

struct doctor_case {
    std::vector<std::string> arguments;
    int code;
    std::string line;
};

TEST(doctor, says_of_a_redis_what_is_missing) {
    const doctor_case table[] = {
        {{"--appendonly", "yes"}, 0, "ok\tpersistence\tappend-only file"},
        {{}, 0, "warn\tpersistence\tno append-only file"},
        {{"--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"},
         1,
         "fail\teviction\tallkeys-lru"},
        {{"--maxmemory-policy", "allkeys-lru"}, 0, "warn\teviction\tallkeys-lru, without effect"},
        {{"--maxmemory", "1"}, 1, "fail\tmemory\t"},
        {{"--user", "default", "on", "nopass", "~*", "&hf:*", "+@all", "-publish"},
         1,
         "fail\taccess\t"},
        {{"--user", "default", "on", "nopass", "~*", "resetchannels", "+@all"},
         1,
         "fail\taccess\t"},
        {{"--replicaof", "127.0.0.1 1"}, 1, "fail\trole\ta replica"},
    };
    for (const auto& row : table) {
        const redis_server redis(row.arguments);
        auto child = run_to_end({HOLDFAST_PROGRAM, "doctor", "--store", redis.url()});
        EXPECT_EQ(child.wait_code(), row.code) << child.out() << child.err();
        EXPECT_TRUE(has(child.out(), row.line)) << row.line << "\n" << child.out();
        EXPECT_EQ(redis.cli({"DBSIZE"}), "0");
    }
}

TEST(doctor, tells_replicas_that_are_not_in_step) {
    server_survey seen;
    seen.push_came = true;
    seen.info = {{"connected_slaves", "2"},
                 {"slave0", "ip=10.0.0.2,port=6379,state=online,offset=7,lag=0"},
                 {"slave1", "ip=10.0.0.3,port=6379,state=online,offset=7,lag=0"}};
    seen.config = {{"min-replicas-to-write", "1"}};
    const auto replicas = [&] {
        const auto all = cli::judge_server(seen);
        return *std::ranges::find(all, "replicas", &cli::finding::subject);
    };
    EXPECT_EQ(replicas().how, cli::finding::grade::ok) << replicas().what;
    for (const auto* state : {"online,offset=3,lag=30", "wait_bgsave,offset=0,lag=0"}) {
        seen.info["slave1"] = std::string("ip=10.0.0.3,port=6379,state=") + state;
        EXPECT_EQ(replicas().how, cli::finding::grade::warn) << replicas().what;
        EXPECT_TRUE(has(replicas().what, "1 of 2")) << replicas().what;
    }
}

TEST(doctor, a_fit_server_is_ready_in_json) {
    const redis_server redis({"--appendonly", "yes"});
    auto child = run_to_end({HOLDFAST_PROGRAM, "doctor", "--json", "--store", redis.url()});
    EXPECT_EQ(child.wait_code(), 0);
    EXPECT_TRUE(child.out().starts_with("{\"ready\":true,\"checks\":[{\"check\":\"connection\","))
        << child.out();
    for (const auto* check : {"version", "access", "pushes", "role", "eviction", "persistence",
                              "replicas", "memory", "clock"})
        EXPECT_TRUE(has(child.out(), "\"" + std::string(check) + "\",\"grade\":\"ok\""))
            << check << child.out();
}

TEST(doctor, tells_unreachable_from_unfit) {
    const auto code = [](const std::string& store) {
        return run_to_end({HOLDFAST_PROGRAM, "doctor", "--store", store}).wait_code();
    };
    const temporary_folder folder;
    EXPECT_EQ(code("redis://127.0.0.1:" + std::to_string(free_port())), 75);
    EXPECT_EQ(code("redis://127.0.0.1:notaport"), 2);
    EXPECT_EQ(code("nonsense:"), 2);
    EXPECT_EQ(code("memory:"), 0);
    EXPECT_EQ(code("embedded:" + folder.path() + "/store"), 0);
    EXPECT_EQ(code("embedded:" + folder.path() + "/no/such/parent"), 1);
    child_process user({HOLDFAST_PROGRAM, "run", "n", "--store",
                        "embedded:" + folder.path() + "/store", "sh", "-c",
                        "echo ready; sleep 600"});
    user.wait_for_line("ready");
    EXPECT_EQ(code("embedded:" + folder.path() + "/store"), 75);
}

}  // namespace
}  // namespace holdfast::test
