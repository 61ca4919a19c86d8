// Real commands and real HTTP as the work of a run.
#include "schedule/work.hpp"
#include "runtime/process.hpp"
#include "schedule/http_url.hpp"
#include "support/run.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

namespace asio = boost::asio;
using schedule::work_result;

struct works : testing::Test {
    works() {
        control.valid_until = world.runtime.now() + minutes{5};
        control.lease = minutes{5};
    }
    work_result command(const std::string& line, milliseconds grace = milliseconds{300}) {
        const command_work work{.argv = {"sh", "-c", line}, .grace = grace};
        return world.run(schedule::do_command(world.runtime, work, facts, control));
    }
    /// One connection answered with the text; what was asked.
    work_result call(http_work work, const std::string& answer) {
        asio::ip::tcp::acceptor acceptor(world.context, {asio::ip::make_address("127.0.0.1"), 0});
        auto serve = [&]() -> task<void> {
            auto socket = co_await acceptor.async_accept(asio::use_awaitable);
            char buffer[4096];
            const auto n =
                co_await socket.async_read_some(asio::buffer(buffer), asio::use_awaitable);
            asked.assign(buffer, n);
            co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
        };
        asio::co_spawn(world.context, serve(), asio::detached);
        work.url =
            "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/jobs?x=1";
        return world.run(schedule::do_http(world.runtime, work, facts, control));
    }
    real_world world;
    schedule::run_control control{};
    schedule::run_facts facts{firing_id(job_name("nightly"), from_unix_seconds(1'800'000'000)),
                              fencing_token(7), 2, "redis://somewhere"};
    std::string asked;
};

TEST_F(works, a_command_knows_its_firing_and_its_output_is_kept) {
    const auto done = command(
        "echo $HOLDFAST_JOB $HOLDFAST_FIRE_TIME $HOLDFAST_FENCE $HOLDFAST_ATTEMPT "
        "$HOLDFAST_STORE; echo trouble >&2; exit 3");
    EXPECT_FALSE(done.succeeded);
    EXPECT_EQ(done.exit_code, "3");
    EXPECT_EQ(done.output, "nightly 2027-01-15T08:00:00Z 7 2 redis://somewhere\ntrouble\n");
    EXPECT_TRUE(command("true").succeeded);
}

TEST_F(works, a_stop_request_is_term_then_kill) {
    auto stop_when_ready = [&]() -> task<void> {
        while (control.command == nullptr || control.command->output().empty())
            co_await world.runtime.sleep_until(world.runtime.now() + milliseconds{1});
        control.stop.request_stop();
    };
    asio::co_spawn(world.context, stop_when_ready(), asio::detached);
    const auto done = command("trap '' TERM; echo ready; while :; do sleep 0.05; done");
    EXPECT_FALSE(done.succeeded);
    EXPECT_EQ(done.exit_code, "137");
    EXPECT_FALSE(done.overdue);
}

TEST_F(works, the_end_of_the_lease_ends_a_command) {
    control.valid_until = world.runtime.now() + milliseconds{500};
    const auto done = command("exec sleep 600", milliseconds{200});
    EXPECT_TRUE(done.overdue);
    EXPECT_FALSE(done.succeeded);
}

TEST_F(works, an_http_call_carries_the_idempotency_key) {
    const http_work work{.headers = {{"X-Team", "blue"}}, .body = "{}"};
    const auto done = call(work, "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
    EXPECT_TRUE(done.succeeded) << done.detail;
    EXPECT_EQ(done.exit_code, "204");
    EXPECT_TRUE(asked.starts_with("POST /jobs?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
    EXPECT_NE(asked.find("\r\nIdempotency-Key: nightly/2027-01-15T08:00:00Z\r\n"), asked.npos);
    EXPECT_NE(asked.find("\r\nX-Team: blue\r\n"), asked.npos);
    EXPECT_NE(asked.find("\r\nContent-Length: 2\r\n\r\n{}"), asked.npos);
}

TEST_F(works, other_statuses_and_no_http_fail) {
    EXPECT_FALSE(call(http_work{}, "HTTP/1.1 500 No\r\n\r\nsorry").succeeded);
    EXPECT_TRUE(call(http_work{.expected_status = 500}, "HTTP/1.1 500 No\r\n\r\n").succeeded);
    EXPECT_EQ(call(http_work{}, "220 smtp here\r\n").detail, "no HTTP answer");
    const http_work nobody{.url = "http://127.0.0.1:1/"};
    const auto refused = world.run(schedule::do_http(world.runtime, nobody, facts, control));
    EXPECT_FALSE(refused.succeeded);
    EXPECT_FALSE(refused.detail.empty());
}

TEST(http_url, parses_and_refuses) {
    const auto full = schedule::parse_http_url("http://[::1]:8080/a?b#c").value();
    EXPECT_EQ(full.host, "::1");
    EXPECT_EQ(full.port, "8080");
    EXPECT_EQ(full.target, "/a?b");
    const auto bare = schedule::parse_http_url("http://host?q").value();
    EXPECT_EQ(bare.port, "80");
    EXPECT_EQ(bare.target, "/?q");
    for (const auto* bad : {"", "https://a/", "http://", "http://u@h/", "http://h:x/",
                            "http://[::1", "http://h/a b", "http://h:/", "http://h\r\n/"})
        EXPECT_FALSE(schedule::parse_http_url(bad)) << bad;
}

}  // namespace
}  // namespace holdfast::test
