// Slow peers, too many peers, and the graceful end.
#include "http/serving.hpp"

#include "runtime/wake_event.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace holdfast::test {
namespace {

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

http::server_options impatient() {
    http::server_options options;
    options.timeouts = {milliseconds{300}, milliseconds{300}, milliseconds{300}, milliseconds{300}};
    return options;
}

TEST(http_server, cuts_a_head_that_does_not_end) {
    serving server(echo, impatient());
    raw_http connection(server.port());
    EXPECT_EQ(connection.ask("GET / HTTP/1.1\r\nHost: h\r\n").status, 408);
    EXPECT_TRUE(connection.at_end());
    EXPECT_EQ(server.counts.counter({"holdfast_http_timed_out_total", ""}).value(), 1u);
}

TEST(http_server, a_head_in_drips_gets_no_more_time_than_one_at_once) {
    serving server(echo, impatient());
    raw_http connection(server.port());
    connection.send("GET / HTTP/1.1\r\nHost: h\r\n");
    std::atomic<bool> answered = false;
    std::thread dripping([&] {
        while (!answered) {
            connection.send("X: y\r\n");
            raw_http(server.port()).ask(get);  // passes some time
        }
    });
    EXPECT_EQ(connection.receive().status / 100, 4) << "408, or 431 when the drips came fast";
    answered = true;
    dripping.join();
}

TEST(http_server, cuts_a_body_that_does_not_end) {
    serving server(echo, impatient());
    raw_http connection(server.port());
    EXPECT_EQ(connection.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel").status,
              408);
}

TEST(http_server, closes_an_idle_connection_without_a_word) {
    serving server(echo, impatient());
    raw_http silent(server.port());
    EXPECT_TRUE(silent.at_end());
    raw_http used(server.port());
    EXPECT_EQ(used.ask(get).status, 200);
    EXPECT_TRUE(used.at_end());
}

TEST(http_server, cuts_a_reader_that_does_not_read) {
    const std::string large(32 * 1024 * 1024, 'z');
    const auto sends_much = [&](const http::request&) -> task<http::response> {
        http::response made(200);
        made.content("text/plain", large);
        co_return made;
    };
    serving server(sends_much, impatient());
    raw_http connection(server.port());
    connection.send(get);
    auto& open = server.counts.gauge({"holdfast_http_connections", ""});
    while (open.value() != 1) std::this_thread::yield();
    while (open.value() != 0) std::this_thread::yield();
    EXPECT_LT(connection.rest().size(), large.size());
}

TEST(http_server, answers_503_when_it_has_all_the_connections_it_takes) {
    http::server_options options;
    options.connections = 2;
    serving server(echo, options);
    raw_http one(server.port());
    raw_http two(server.port());
    EXPECT_EQ(one.ask(get).status, 200);
    EXPECT_EQ(two.ask(get).status, 200);
    raw_http three(server.port());
    EXPECT_EQ(three.receive().status, 503);
    EXPECT_TRUE(three.at_end());
    EXPECT_EQ(one.ask(get).status, 200);
}

/// A handler that answers when it is told to.
struct gated {
    explicit gated(std::future<void> open) : open_(open.share()) {}
    task<http::response> operator()(const http::request& asked) const { return wait(open_, asked); }

    static task<http::response> wait(std::shared_future<void> open, const http::request& asked) {
        while (open.wait_for(milliseconds{0}) != std::future_status::ready) {
            auto executor = co_await boost::asio::this_coro::executor;
            co_await boost::asio::post(executor, boost::asio::use_awaitable);
        }
        co_return co_await echo(asked);
    }
    std::shared_future<void> open_;
};

TEST(http_server, drain_lets_requests_under_way_finish_and_closes_the_idle) {
    std::promise<void> gate;
    serving server{gated(gate.get_future())};
    raw_http idle(server.port());
    raw_http busy(server.port());
    busy.send(get);
    auto& open = server.counts.gauge({"holdfast_http_connections", ""});
    while (open.value() != 2) std::this_thread::yield();
    auto drained = server.begin_drain(seconds{20});
    EXPECT_TRUE(idle.at_end());
    gate.set_value();
    const auto answer = busy.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_TRUE(busy.at_end());
    EXPECT_EQ(drained.get(), 0u);
    EXPECT_THROW(raw_http(server.port()), std::runtime_error) << "still listening";
}

bool accepts(unsigned short port) {
    try {
        raw_http one(port);
        return true;
    } catch (const std::runtime_error&) {
        return false;
    }
}

TEST(http_server, drain_answers_once_more_whoever_keeps_a_connection) {
    http::server_options options;
    options.timeouts.last = seconds{20};
    serving server(echo, options);
    raw_http kept(server.port());
    kept.send(get);
    EXPECT_FALSE(kept.receive().field("Connection"));
    auto drained = server.begin_drain(seconds{20});
    while (accepts(server.port())) std::this_thread::yield();
    kept.send(get);
    const auto answer = kept.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_EQ(drained.get(), 0u);
}

TEST(http_server, drain_cuts_what_is_not_done_at_the_deadline) {
    std::promise<void> never;
    serving server{gated(never.get_future())};
    raw_http busy(server.port());
    busy.send(get);
    auto& open = server.counts.gauge({"holdfast_http_connections", ""});
    while (open.value() != 1) std::this_thread::yield();
    EXPECT_EQ(server.drain(milliseconds{50}), 1u);
    EXPECT_TRUE(busy.at_end());
}

TEST(http_server, two_shards_share_one_port) {
    http::server_options options;
    options.reuse_port = true;
    serving first(echo, options);
    options.port = first.port();
    serving second(echo, options);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(http_request(first.port(), "GET", "/").status, 200);
}

TEST(http_server, shows_the_address_of_an_ipv4_peer_as_such_also_on_a_socket_for_both) {
    const auto whose = [](const http::request& asked) -> http::answering {
        http::response made(200);
        made.content("text/plain", std::string(asked.remote_address));
        return made;
    };
    for (const char* address : {"127.0.0.1", "0.0.0.0", "::"}) {
        http::server_options options;
        options.address = address;
        serving server(whose, options);
        EXPECT_EQ(http_request(server.port(), "GET", "/").body, "127.0.0.1") << address;
    }
}

TEST(http_server, listening_fails_clearly) {
    serving first(echo);
    http::server_options taken;
    taken.port = first.port();
    EXPECT_THROW(serving(echo, taken), boost::system::system_error);
    http::server_options named;
    named.address = "localhost";
    EXPECT_THROW(serving(echo, named), boost::system::system_error);
}

}  // namespace
}  // namespace holdfast::test
