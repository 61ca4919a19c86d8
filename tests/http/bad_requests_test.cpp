// Requests that smuggle, break the grammar or are too large: one defined answer each, over real
// sockets, and the server stays up.
#include "http/bad_requests.hpp"
#include "http/serving.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

void expect_refused(const std::vector<bad_request>& table) {
    serving server(echo);
    for (const auto& [what, bytes, status] : table) {
        SCOPED_TRACE(what);
        raw_http connection(server.port());
        connection.send(bytes);
        connection.half_close();
        const auto answer = connection.receive();
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.field("Connection"), "close");
        EXPECT_TRUE(answer.field("X-Request-Id"));
        EXPECT_TRUE(connection.at_end()) << "something was served after a refusal";
    }
    EXPECT_EQ(http_request(server.port(), "GET", "/").status, 200);
}

TEST(http_server, refuses_what_smuggles) { expect_refused(smuggling()); }
TEST(http_server, refuses_malformed_request_lines) { expect_refused(request_lines()); }
TEST(http_server, refuses_malformed_chunks) { expect_refused(chunks()); }
TEST(http_server, refuses_what_is_too_large) { expect_refused(too_large()); }

TEST(http_server, refuses_alike_when_the_bytes_come_one_by_one) {
    serving server(echo);
    for (const auto& table : {smuggling(), request_lines(), chunks()}) {
        for (const auto& [what, bytes, status] : table) {
            if (bytes.size() > 200) continue;
            SCOPED_TRACE(what);
            raw_http connection(server.port());
            for (const char c : bytes) connection.send({&c, 1});
            EXPECT_EQ(connection.receive().status, status);
        }
    }
}

TEST(http_server, stays_up_under_random_bytes_and_resets) {
    serving server(echo);
    std::uint32_t seed = 12345;
    for (int round = 0; round < 200; ++round) {
        raw_http connection(server.port());
        std::string bytes = round % 2 == 0 ? "POST / HTTP/1.1\r\nHost: a\r\n" : "";
        for (int i = 0; i < 100; ++i)
            bytes += static_cast<char>((seed = seed * 1664525u + 1013904223u) >> 24);
        connection.send(bytes);
        connection.reset();
    }
    EXPECT_EQ(http_request(server.port(), "GET", "/").status, 200);
}

}  // namespace
}  // namespace holdfast::test
