// The proxy between a plain socket and a real Redis.
#include "support/tcp_proxy.hpp"

#include "support/redis_server.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace holdfast::test {
namespace {

using way = tcp_proxy::way;
using flow = tcp_proxy::flow;
using boost::asio::ip::tcp;

/// Speaks Redis's inline commands; every answer it asks for is one line.
class line_client {
public:
    explicit line_client(const tcp_proxy& proxy) {
        socket_.connect({boost::asio::ip::address_v4::loopback(), proxy.port()});
    }
    void send(const std::string& command) {
        boost::asio::write(socket_, boost::asio::buffer(command + "\r\n"));
    }
    std::string answer() {
        std::string line;
        boost::system::error_code failed;
        for (char c = 0; c != '\n' && !failed; line += c)
            boost::asio::read(socket_, boost::asio::buffer(&c, 1), failed);
        if (failed == boost::asio::error::connection_reset) return "(reset)";
        return failed ? "(ended)" : line.substr(0, line.size() - 2);
    }
    std::string ask(const std::string& command) {
        send(command);
        return answer();
    }
    bool has_answer() { return socket_.available() > 0; }

private:
    boost::asio::io_context context_;
    tcp::socket socket_{context_};
};

struct tcp_proxy_test : testing::Test {
    redis_server server;
    tcp_proxy proxy{server.port()};
};

TEST_F(tcp_proxy_test, passes_bytes_both_ways_and_counts_them) {
    line_client client(proxy);
    EXPECT_EQ(client.ask("PING"), "+PONG");
    EXPECT_EQ(client.ask("QUIT"), "+OK");
    EXPECT_EQ(client.answer(), "(ended)");
    const auto counted = proxy.count();
    EXPECT_EQ(counted.passed[0], 12u);
    EXPECT_EQ(counted.passed[1], 12u);
    EXPECT_EQ(counted.cuts, 0u);
}

TEST_F(tcp_proxy_test, cuts_one_connection_and_all) {
    line_client first(proxy), second(proxy), third(proxy);
    for (auto* each : {&first, &second, &third}) ASSERT_EQ(each->ask("PING"), "+PONG");
    ASSERT_EQ(proxy.connections(), (std::vector<std::size_t>{1, 2, 3}));
    proxy.cut(2);
    EXPECT_EQ(second.answer(), "(reset)");
    EXPECT_EQ(third.ask("PING"), "+PONG");
    proxy.cut();
    EXPECT_EQ(first.answer(), "(reset)");
    EXPECT_EQ(third.answer(), "(reset)");
    EXPECT_TRUE(proxy.connections().empty());
}

TEST_F(tcp_proxy_test, loses_a_reply_whose_request_was_executed) {
    line_client client(proxy);
    proxy.cut_at_next(way::replies);
    EXPECT_EQ(client.ask("INCR k"), "(reset)");
    EXPECT_EQ(server.cli({"GET", "k"}), "1");
    EXPECT_EQ(line_client(proxy).ask("INCR k"), ":2") << "only once";
}

TEST_F(tcp_proxy_test, loses_a_request_that_never_arrived) {
    line_client client(proxy);
    proxy.cut_at_next(way::requests);
    EXPECT_EQ(client.ask("INCR k"), "(reset)");
    EXPECT_EQ(server.cli({"EXISTS", "k"}), "0");
}

TEST_F(tcp_proxy_test, holds_a_half_open_link_until_it_heals) {
    line_client client(proxy);
    ASSERT_EQ(client.ask("PING"), "+PONG");
    proxy.set(way::requests, flow::hold);
    proxy.set(way::replies, flow::hold);
    client.send("INCR k");
    line_client late(proxy);
    late.send("INCR k");
    ASSERT_TRUE(wait_until([&] { return proxy.count().held[0] == 16; }));
    EXPECT_FALSE(client.has_answer());
    EXPECT_EQ(server.cli({"EXISTS", "k"}), "0");
    proxy.heal();
    EXPECT_EQ(client.answer().substr(0, 1) + late.answer().substr(0, 1), "::");
    EXPECT_EQ(server.cli({"GET", "k"}), "2");
}

TEST_F(tcp_proxy_test, loses_replies_of_one_connection_and_cuts_it_when_healed) {
    line_client deaf(proxy), other(proxy);
    ASSERT_EQ(deaf.ask("PING"), "+PONG");
    ASSERT_EQ(other.ask("PING"), "+PONG");
    proxy.set(1, way::replies, flow::lose);
    deaf.send("INCR k");
    ASSERT_TRUE(wait_until([&] { return proxy.count().lost[1] > 0; }));
    EXPECT_EQ(other.ask("INCR k"), ":2");
    EXPECT_FALSE(deaf.has_answer());
    proxy.heal();
    EXPECT_EQ(deaf.answer(), "(reset)");
    EXPECT_EQ(other.ask("INCR k"), ":3");
}

TEST_F(tcp_proxy_test, delays_in_order_and_refuses) {
    line_client client(proxy);
    ASSERT_EQ(client.ask("PING"), "+PONG");
    proxy.delay(way::replies, std::chrono::milliseconds{50});
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(client.ask("INCR k"), ":1");
    EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds{50});
    proxy.refuse(true);
    EXPECT_EQ(line_client(proxy).answer(), "(reset)");
    proxy.refuse(false);
    EXPECT_EQ(line_client(proxy).ask("INCR k"), ":2");
}

TEST_F(tcp_proxy_test, ends_connections_when_the_server_is_gone) {
    line_client client(proxy);
    ASSERT_EQ(client.ask("PING"), "+PONG");
    server.stop();
    EXPECT_NE(client.answer().find('('), std::string::npos);
    EXPECT_EQ(line_client(proxy).answer(), "(reset)");
    server.start();
    EXPECT_EQ(line_client(proxy).ask("PING"), "+PONG");
}

}  // namespace
}  // namespace holdfast::test
