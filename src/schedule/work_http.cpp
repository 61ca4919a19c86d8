// HTTP requests: one connection, one request, the answer read to its end or to 64 KiB.
#include "schedule/definition.hpp"
#include "schedule/http_url.hpp"
#include "schedule/work.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <charconv>
#include <exception>

namespace holdfast::schedule {
namespace {

namespace asio = boost::asio;

constexpr std::size_t most_kept = 64 * 1024;

std::string request_text(const http_work& work, const http_url& url, const run_facts& facts) {
    std::string text = work.method + ' ' + url.target + " HTTP/1.1\r\nHost: " + url.authority;
    text += "\r\nConnection: close\r\nUser-Agent: holdfast\r\nIdempotency-Key: ";
    text += facts.firing.key();
    text += "\r\nHoldfast-Fence: " + std::to_string(facts.fence.value());
    text += "\r\nHoldfast-Attempt: " + std::to_string(facts.attempt) + "\r\n";
    for (const auto& [name, value] : work.headers)
        text.append(name).append(": ").append(value).append("\r\n");
    if (!work.body.empty() || work.method != "GET")
        text += "Content-Length: " + std::to_string(work.body.size()) + "\r\n";
    return text + "\r\n" + work.body;
}

// "HTTP/1.1 204 No Content": 204; 0 for anything else. Interim 1xx answers are skipped.
unsigned status_of(std::string_view answer) {
    while (answer.starts_with("HTTP/1.") && answer.size() > 12) {
        unsigned status = 0;
        const auto digits = answer.substr(9, 3);
        const auto [end, ec] = std::from_chars(digits.data(), digits.data() + 3, status);
        if (ec != std::errc() || end != digits.data() + 3) return 0;
        if (status >= 200) return status;
        const auto blank = answer.find("\r\n\r\n");
        if (blank == std::string_view::npos) return 0;
        answer.remove_prefix(blank + 4);
    }
    return 0;
}

// Ends early when the length announced in the header has come: some servers keep connections open.
bool complete(std::string_view answer) {
    const auto blank = answer.find("\r\n\r\n");
    if (blank == std::string_view::npos) return false;
    std::string header(answer.substr(0, blank + 2));
    for (auto& c : header)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const auto at = header.find("\r\ncontent-length:");
    if (at == std::string::npos) return false;
    std::size_t length = 0;
    const auto digits = header.find_first_of("0123456789", at);
    if (digits == std::string::npos) return false;
    std::from_chars(header.data() + digits, header.data() + header.size(), length);
    return answer.size() - blank - 4 >= length;
}

task<std::string> exchange(runtime& rt, const http_url& url, const std::string& request) {
    asio::ip::tcp::resolver resolver(rt.executor());
    const auto found = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);
    asio::ip::tcp::socket socket(rt.executor());
    co_await asio::async_connect(socket, found, asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
    std::string answer;
    char buffer[4096];
    while (answer.size() < most_kept && !complete(answer)) {
        boost::system::error_code ec;
        const auto n = co_await socket.async_read_some(
            asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ec));
        answer.append(buffer, n);
        if (ec == asio::error::eof) break;
        if (ec) throw boost::system::system_error(ec);
    }
    co_return answer;
}

}  // namespace

task<work_result> do_http(runtime& rt, const http_work& work, const run_facts& facts,
                          run_control&) {
    work_result done;
    const auto url = parse_http_url(work.url);
    if (!url) {
        done.detail = "\"" + work.url + "\" is not an http:// address";
        co_return done;
    }
    const auto request = request_text(work, url.value(), facts);
    try {
        auto answer = co_await exchange(rt, url.value(), request);
        const auto status = status_of(answer);
        done.exit_code = status == 0 ? "" : std::to_string(status);
        done.succeeded = work.expected_status == 0 ? status >= 200 && status < 300
                                                   : status == work.expected_status;
        if (!done.succeeded)
            done.detail = status == 0 ? "no HTTP answer" : "status " + std::to_string(status);
        done.output = std::move(answer);
    } catch (const std::exception& e) {
        done.detail = e.what();
    }
    co_return done;
}

}  // namespace holdfast::schedule
