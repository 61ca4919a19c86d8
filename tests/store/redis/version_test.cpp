// What is not a Redis that will do: too old, a cluster node, or something else altogether.
#include "store/redis/redis_world.hpp"
#include "store/redis/server_check.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

namespace holdfast::test {
namespace {

using boost::asio::ip::tcp;

/// Answers whatever comes first on each connection with the same bytes, then hangs up or waits.
class responder {
public:
    responder(boost::asio::io_context& context, std::string words, bool hang_up)
        : acceptor_(context, {boost::asio::ip::address_v4::loopback(), 0}) {
        boost::asio::co_spawn(context, answer(acceptor_, std::move(words), hang_up),
                              boost::asio::detached);
    }
    std::string url() const {
        return "redis://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) +
               "?connect_timeout=500";
    }

private:
    static task<void> answer(tcp::acceptor& acceptor, std::string words, bool hang_up) {
        std::vector<tcp::socket> kept;
        for (;;) {
            auto socket = co_await acceptor.async_accept(boost::asio::use_awaitable);
            char buffer[4096];
            co_await socket.async_read_some(boost::asio::buffer(buffer),
                                            boost::asio::use_awaitable);
            co_await boost::asio::async_write(socket, boost::asio::buffer(words),
                                              boost::asio::use_awaitable);
            if (!hang_up) kept.push_back(std::move(socket));
        }
    }
    tcp::acceptor acceptor_;
};

std::string hello(const std::string& version, const std::string& mode) {
    const auto word = [](const std::string& text) {
        return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
    };
    return "%4\r\n" + word("server") + word("redis") + word("version") + word(version) +
           word("mode") + word(mode) + word("role") + word("master");
}

struct stranger {
    const char* what;
    std::string words;
    bool hang_up;
    errc means;
    const char* told;
};

TEST(redis_version, tells_what_answers_instead) {
    const stranger strangers[] = {
        {"6.0", hello("6.0.16", "standalone"), false, errc::unsupported_server, "6.0.16"},
        {"5", "-ERR unknown command `HELLO`, with args beginning with: `3`\r\n", false,
         errc::unsupported_server, "6.2 or newer"},
        {"no RESP3", "-NOPROTO unsupported protocol version\r\n", false, errc::unsupported_server,
         "6.2 or newer"},
        {"cluster", hello("7.0.15", "cluster"), false, errc::unsupported_server, "cluster"},
        {"sentinel", hello("7.0.15", "sentinel"), false, errc::unsupported_server, "Sentinel"},
        {"loading", "-LOADING Redis is loading the dataset in memory\r\n", false,
         errc::store_loading, "loading"},
        {"full", "-ERR max number of clients reached\r\n", true, errc::store_unavailable, "max"},
        {"web server", "HTTP/1.1 400 Bad Request\r\n\r\n", false, errc::protocol_error, "RESP3"},
        {"zeros", std::string(100, '\0') + "\r\n", false, errc::protocol_error, "RESP3"},
        {"empty length", "$\r\n", false, errc::protocol_error, "RESP3"},
        {"half an answer", "%4\r\n$6\r\nser", true, errc::store_unavailable, "broke off"},
        {"silence", "%4\r\n$6\r\nser", false, errc::store_unavailable, "no greeting"},
        {"nothing", "", true, errc::store_unavailable, "broke off"},
    };
    for (const auto& each : strangers) {
        redis_world world;
        const responder server(world.context, each.words, each.hang_up);
        world.open(server.url());
        EXPECT_EQ(world.start().error(), each.means) << each.what;
        const auto problem = world.store->problem();
        EXPECT_NE(problem.find(each.told), problem.npos) << each.what << ": " << problem;
    }
}

TEST(redis_version, compares_numbers_not_text) {
    for (const auto* good : {"6.2", "6.2.0", "6.10.1", "7.0.15", "10.0", "255.255.255"})
        EXPECT_TRUE(is_supported_version(good)) << good;
    for (const auto* bad : {"", "x", "6", "6.0.16", "6.1.9", "5.9.9", "2.8", "6.", ".7"})
        EXPECT_FALSE(is_supported_version(bad)) << bad;
}

}  // namespace
}  // namespace holdfast::test
