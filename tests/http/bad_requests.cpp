// Tables of bad requests.
#include "http/bad_requests.hpp"

namespace holdfast::test {
namespace {

std::string get(const std::string& fields) { return "GET / HTTP/1.1\r\n" + fields + "\r\n"; }
std::string post(const std::string& fields, const std::string& body) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}
const std::string nul(1, '\0');

}  // namespace

std::vector<bad_request> smuggling() {
    return {
        {"CL and TE", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
         400},
        {"TE and CL", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
         400},
        {"two CL", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), 400},
        {"two equal CL", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400},
        {"list CL", post("Content-Length: 5, 5\r\n", "hello"), 400},
        {"signed CL", post("Content-Length: +5\r\n", "hello"), 400},
        {"negative CL", post("Content-Length: -5\r\n", "hello"), 400},
        {"hex CL", post("Content-Length: 0x5\r\n", "hello"), 400},
        {"empty CL", post("Content-Length:\r\n", "hello"), 400},
        {"CL beyond 2^64", post("Content-Length: 99999999999999999999999\r\n", ""), 413},
        {"TE list", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400},
        {"TE identity", post("Transfer-Encoding: identity\r\n", ""), 400},
        {"TE twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ""), 400},
        {"TE with a tab", post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"), 400},
        {"TE in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"bare LF in the head", "GET / HTTP/1.1\nHost: a\n\n", 400},
        {"bare LF ends a field", get("Host: a\nX: y\r\n"), 400},
        {"bare LF ends the head", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
        {"bare CR in a value", get("Host: a\r\nX: a\rb\r\n"), 400},
        {"folded field", get("Host: a\r\nX: a\r\n b\r\n"), 400},
        {"folded by tab", get("Host: a\r\nX: a\r\n\tb\r\n"), 400},
        {"first field folded", get(" Host: a\r\n"), 400},
        {"space before the colon", get("Host : a\r\n"), 400},
        {"tab before the colon", get("Host\t: a\r\n"), 400},
        {"no colon", get("Host a\r\n"), 400},
        {"empty name", get(": a\r\n"), 400},
        {"NUL in a name", get("Ho" + nul + "st: a\r\n"), 400},
        {"NUL in a value", get("Host: a\r\nX: a" + nul + "b\r\n"), 400},
        {"DEL in a value", get("Host: a\r\nX: a\x7f\r\n"), 400},
        {"no Host", get(""), 400},
        {"two Hosts", get("Host: a\r\nHost: a\r\n"), 400},
        {"Host with a blank", get("Host: a b\r\n"), 400},
        {"Host with a path", get("Host: a/b\r\n"), 400},
        {"Host with a user", get("Host: u@a\r\n"), 400},
    };
}

std::vector<bad_request> request_lines() {
    const std::string host = "\r\nHost: a\r\n\r\n";
    return {
        {"HTTP/0.9", "GET /\r\n", 400},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
        {"HTTP/1.2", "GET / HTTP/1.2" + host, 400},
        {"http/1.1", "GET / http/1.1" + host, 400},
        {"HTTP/1.1 with a tail", "GET / HTTP/1.1 x" + host, 400},
        {"a TLS hello", "\x16\x03\x01\x02" + nul + "\x01" + nul + "\r\n\r\n", 400},
        {"two blanks", "GET  / HTTP/1.1" + host, 400},
        {"tabs", "GET\t/\tHTTP/1.1" + host, 400},
        {"leading blank", " GET / HTTP/1.1" + host, 400},
        {"method with a colon", "GE:T / HTTP/1.1" + host, 400},
        {"method of 33 letters", std::string(33, 'A') + " / HTTP/1.1" + host, 400},
        {"empty target", "GET  HTTP/1.1" + host, 400},
        {"absolute target", "GET http://a/ HTTP/1.1" + host, 400},
        {"authority target", "CONNECT a:80 HTTP/1.1" + host, 400},
        {"asterisk with GET", "GET * HTTP/1.1" + host, 400},
        {"fragment", "GET /a#b HTTP/1.1" + host, 400},
        {"NUL in the target", "GET /a" + nul + " HTTP/1.1" + host, 400},
        {"UTF-8 in the target", "GET /\xc3\xa4 HTTP/1.1" + host, 400},
        {"two empty lines first", "\r\n\r\nGET / HTTP/1.1" + host, 400},
    };
}

std::vector<bad_request> chunks() {
    const auto chunked = [](const std::string& body) {
        return post("Transfer-Encoding: chunked\r\n", body);
    };
    return {
        {"size is no number", chunked("x\r\n"), 400},
        {"size with 0x", chunked("0x5\r\nhello\r\n0\r\n\r\n"), 400},
        {"negative size", chunked("-5\r\n"), 400},
        {"size and blank", chunked("5 \r\nhello\r\n0\r\n\r\n"), 400},
        {"empty size", chunked("\r\n"), 400},
        {"size of 2^64", chunked("10000000000000000\r\n"), 400},
        {"extension", chunked("5;a=b\r\nhello\r\n0\r\n\r\n"), 400},
        {"bare LF after the size", chunked("5\nhello\r\n0\r\n\r\n"), 400},
        {"data longer than its size", chunked("4\r\nhello\r\n0\r\n\r\n"), 400},
        {"bare LF after the data", chunked("5\r\nhello\n0\r\n\r\n"), 400},
        {"trailer without a colon", chunked("0\r\nabc\r\n\r\n"), 400},
        {"trailer with a bare LF", chunked("0\r\na: b\n\r\n"), 400},
        {"line without end", chunked(std::string(5000, '1')), 400},
        {"too much in one chunk", chunked("10001\r\n"), 413},
    };
}

std::vector<bad_request> too_large() {
    std::string many;
    for (int i = 0; i < 101; ++i) many += "X-" + std::to_string(i) + ": a\r\n";
    return {
        {"target", "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 431},
        {"line without end", std::string(20'000, 'a'), 431},
        {"Authorization of 64 kB",
         get("Host: a\r\nAuthorization: Bearer " + std::string(65'536, 'a') + "\r\n"), 431},
        {"101 fields", get("Host: a\r\n" + many), 431},
        {"body by length", post("Content-Length: 65537\r\n", ""), 413},
        {"body by length, waiting", post("Content-Length: 65537\r\nExpect: 100-continue\r\n", ""),
         413},
        {"expectation", post("Content-Length: 5\r\nExpect: a-miracle\r\n", "hello"), 417},
    };
}

}  // namespace holdfast::test
