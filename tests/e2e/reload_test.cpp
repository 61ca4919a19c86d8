// Reload and stop of a busy daemon: no request lost, keys and jobs replaced, work handed over.
#include "base/encode.hpp"
#include "e2e/daemon.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

namespace holdfast::test {
namespace {

std::string key_file(const temporary_folder& folder, const std::string& kid) {
    const auto path = folder.path() + "/" + kid + ".jwk";
    std::ofstream(path) << R"({"kty":"oct","alg":"HS256","kid":")" << kid << R"(","k":")"
                        << base64url_encode(kid + std::string(48, 'k')) << "\"}\n";
    return path;
}

std::string kid_of(const std::string& token) {
    return json_text(base64url_decode(token.substr(0, token.find('.'))).value_or(""), "kid");
}

// Clients that ask without a pause, on connections they keep, until the object goes.
class steady_load {
public:
    steady_load(unsigned short port, const std::string& token) {
        const auto question =
            "GET /authz/auth-request HTTP/1.1\r\nHost: h\r\n" + bearer(token) + "\r\n\r\n";
        for (int i = 0; i < 4; ++i)
            clients_.emplace_back([this, port, question](const std::stop_token& stop) {
                raw_http connection(port);
                while (!stop.stop_requested()) {
                    const auto status = connection.ask(question).status;
                    (status == 200 ? passed : failed) += 1;
                }
            });
    }
    std::atomic<int> passed{0};
    std::atomic<int> failed{0};

private:
    std::vector<std::jthread> clients_;
};

TEST(reload, under_load_changes_keys_and_jobs_and_loses_no_request) {
    temporary_folder keys;
    temporary_folder out;
    const auto first = key_file(keys, "first");
    const auto second = key_file(keys, "second");
    const auto ticks = out.path() + "/ticks";
    const auto yaml = [&](const std::string& current, const std::string& retired, bool with_job) {
        return "jwt:\n  keys:\n    - { file: " + current +
               ", use: current }\n    - { file: " + retired +
               ", use: retired }\nguards: { app: { registration: open } }\n" +
               (with_job
                    ? "jobs:\n  - { name: tick, every: 1s, run: { command: [sh, -c, \"echo x >> " +
                          ticks + "\"] } }\n"
                    : std::string());
    };
    daemon node(yaml(first, second, false));
    const auto old = node.sign_in("ada", true);
    EXPECT_EQ(kid_of(old), "first");
    steady_load load(node.port(), old);
    for (int round = 0; round < 20; ++round) {
        const bool swapped = round % 2 == 0;
        node.reconfigure(swapped ? yaml(second, first, true) : yaml(first, second, false));
        const auto fresh = node.sign_in("ada", false);
        EXPECT_EQ(kid_of(fresh), swapped ? "second" : "first");
        EXPECT_EQ(node.check(old), 200);
        EXPECT_EQ(node.check(fresh), 200);
    }
    EXPECT_FALSE(std::ifstream(ticks).good() && read_file(ticks).size() > 60) << "it did not stop";
    node.reconfigure(yaml(second, first, true));
    EXPECT_TRUE(wait_until([&] { return !read_file(ticks).empty(); }))
        << "the new job does not run";
    EXPECT_EQ(load.failed, 0);
    EXPECT_GT(load.passed, 100);
}

TEST(reload, to_other_keys_ends_the_tokens_of_a_key_that_is_gone) {
    temporary_folder keys;
    const auto yaml = [&](const std::string& kid) {
        return "jwt: { keys: [ { file: " + key_file(keys, kid) +
               " } ] }\nguards: { app: { registration: open } }\n";
    };
    daemon node(yaml("first"));
    const auto old = node.sign_in("ada", true);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(node.check(old), 200);  // known by heart on every shard
    node.reconfigure(yaml("second"));
    EXPECT_TRUE(wait_until([&] { return node.check(old) == 401; }));
    for (int i = 0; i < 8; ++i) EXPECT_EQ(node.check(old), 401);
}

TEST(stop, finishes_a_request_that_is_under_way) {
    daemon node("guards: { app: { registration: open } }\nshutdown_grace: 20s\n");
    const std::string body = R"({"account":"ada","password":"correct horse"})";
    raw_http late(node.port());
    late.send("POST /api/auth/register HTTP/1.1\r\nHost: h\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body.substr(0, 10));
    node.get("/healthz");  // by now the other one has been accepted
    node.process().signal(SIGTERM);
    node.process().wait_for_line("serve.stopping");
    late.send(body.substr(10));
    const auto answer = late.receive();
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(node.process().wait_code(), 0);
    node.start();
    EXPECT_FALSE(node.sign_in("ada", false).empty());
}

TEST(stop, hands_a_running_job_over_to_another_daemon) {
    redis_server redis;
    temporary_folder out;
    const auto log = out.path() + "/log";
    const auto yaml =
        "store: { url: \"" + redis.url() +
        "\" }\njwt: { secret: 0123456789abcdef0123456789abcdef }\nshutdown_grace: 1s\n"
        "jobs:\n  - { name: long, cron: \"@manually\", on_crash: rerun, retries: 3, run: { "
        "command: "
        "[sh, -c, \"echo $HOLDFAST_ATTEMPT >> " +
        log + "; test $HOLDFAST_ATTEMPT != 1 || sleep 60\"] } }\n";
    daemon leaving(yaml);
    EXPECT_EQ(
        run_to_end({HOLDFAST_PROGRAM, "job", "run", "long", "--store", redis.url()}).wait_code(),
        0);
    ASSERT_EQ(wait_for_content(log), "1\n");
    daemon staying(yaml);
    leaving.process().signal(SIGTERM);
    EXPECT_EQ(leaving.process().wait_code(), 0);
    EXPECT_TRUE(wait_until([&] { return read_file(log) == "1\n2\n"; })) << read_file(log);
}

}  // namespace
}  // namespace holdfast::test
