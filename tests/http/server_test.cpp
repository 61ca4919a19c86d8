// What the server does with good requests: keep-alive, pipelining, bodies, HEAD, Expect, ids.
#include "http/serving.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace holdfast::test {
namespace {

constexpr std::string_view get = "GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n";

TEST(http_server, answers_request_after_request_on_one_connection) {
    serving server(echo);
    raw_http connection(server.port());
    for (int i = 0; i < 3; ++i) {
        const auto answer = connection.ask(get);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "GET /a?b=c\n");
        EXPECT_TRUE(answer.field("Date"));
        EXPECT_FALSE(answer.field("Connection"));
    }
}

TEST(http_server, answers_pipelined_requests_in_order) {
    serving server(echo);
    raw_http connection(server.port());
    std::string all;
    for (int i = 0; i < 200; ++i)
        all +=
            "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody";
    connection.send(all);
    for (int i = 0; i < 200; ++i)
        ASSERT_EQ(connection.receive().body, "POST /" + std::to_string(i) + "\nbody");
}

TEST(http_server, reads_requests_split_anywhere) {
    serving server(echo);
    const std::string one =
        "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n";
    for (std::size_t cut = 1; cut < one.size(); ++cut) {
        raw_http connection(server.port());
        connection.send(one.substr(0, cut));
        connection.send(one.substr(cut));
        ASSERT_EQ(connection.receive().body, "POST /x\nabcde") << cut;
        ASSERT_EQ(connection.ask(get).status, 200) << cut;
    }
}

TEST(http_server, takes_bodies_up_to_the_limit_by_length_and_by_chunks) {
    serving server(echo);
    const std::string body(64 * 1024, 'x');
    EXPECT_EQ(http_request(server.port(), "POST", "/", {}, body).body, "POST /\n" + body);
    raw_http connection(server.port());
    const auto answer = connection.ask(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n8000\r\n" +
        body.substr(0, 0x8000) + "\r\n08000\r\n" + body.substr(0, 0x8000) + "\r\n0\r\n\r\n");
    EXPECT_EQ(answer.body, "POST /\n" + body);
}

TEST(http_server, takes_a_head_up_to_the_limit) {
    serving server(echo);
    const std::string first = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    raw_http connection(server.port());
    const std::string fill(16 * 1024 - first.size() - 4, 'x');
    EXPECT_EQ(connection.ask(first + fill + "\r\n\r\n").status, 200);
    EXPECT_EQ(connection.ask(first + fill + "x\r\n\r\n").status, 431);
}

TEST(http_server, head_gives_the_fields_of_get_without_a_body) {
    serving server(echo);
    raw_http connection(server.port());
    connection.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(connection.receive(true).field("Content-Length"), "7");
    EXPECT_EQ(connection.ask(get).status, 200) << "a body was sent after HEAD";
}

TEST(http_server, says_continue_only_while_it_waits_for_the_body) {
    serving server(echo);
    raw_http connection(server.port());
    const std::string head =
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    EXPECT_EQ(connection.ask(head).status, 100);
    EXPECT_EQ(connection.ask("hi").body, "POST /\nhi");
    EXPECT_EQ(connection.ask(head + "hi").status, 200);
}

TEST(http_server, old_clients_get_one_answer_unless_they_ask_for_more) {
    serving server(echo);
    raw_http once(server.port());
    EXPECT_EQ(once.ask("GET / HTTP/1.0\r\n\r\n").field("Connection"), "close");
    EXPECT_TRUE(once.at_end());
    raw_http more(server.port());
    const std::string keep = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    EXPECT_EQ(more.ask(keep).field("Connection"), "keep-alive");
    EXPECT_EQ(more.ask(keep).status, 200);
}

TEST(http_server, a_client_that_closes_its_half_still_gets_its_answers) {
    serving server(echo);
    raw_http connection(server.port());
    connection.send(std::string(get) + std::string(get));
    connection.half_close();
    EXPECT_EQ(connection.receive().status, 200);
    EXPECT_EQ(connection.receive().status, 200);
    EXPECT_TRUE(connection.at_end());
}

TEST(http_server, gives_every_request_an_id_and_keeps_a_sane_one) {
    serving server(echo);
    const auto id_for = [&](const std::string& given) {
        return *http_request(server.port(), "GET", "/", {"X-Request-Id: " + given})
                    .field("X-Request-Id");
    };
    EXPECT_EQ(id_for("abc-123"), "abc-123");
    EXPECT_NE(id_for("a b"), "a b");
    EXPECT_NE(id_for(std::string(65, 'a')), std::string(65, 'a'));
    EXPECT_NE(id_for(""), id_for(""));
}

TEST(http_server, a_header_value_cannot_start_a_field_of_its_own) {
    serving server([](const http::request&) -> task<http::response> {
        http::response made(200);
        made.header("X-Name", "a\r\nEvil: 1");
        co_return made;
    });
    const auto answer = http_request(server.port(), "GET", "/");
    EXPECT_EQ(answer.field("X-Name"), "a??Evil: 1");
    EXPECT_FALSE(answer.field("Evil"));
}

TEST(http_server, an_exception_in_a_handler_is_a_500_and_nothing_more) {
    serving server([](const http::request&) -> task<http::response> {
        throw std::runtime_error("secret detail");
        co_return http::response(200);
    });
    raw_http connection(server.port());
    for (int i = 0; i < 2; ++i) {
        const auto answer = connection.ask(get);
        EXPECT_EQ(answer.status, 500);
        EXPECT_EQ(answer.body.find("secret"), std::string::npos);
    }
}

TEST(http_server, sends_large_answers_whole) {
    const std::string large(8 * 1024 * 1024, 'z');
    serving server([&](const http::request&) -> task<http::response> {
        http::response made(200);
        made.content("text/plain", large);
        co_return made;
    });
    raw_http connection(server.port());
    connection.send(std::string(get) + std::string(get));
    EXPECT_EQ(connection.receive().body.size(), large.size());
    EXPECT_EQ(connection.receive().body.size(), large.size());
}

}  // namespace
}  // namespace holdfast::test
