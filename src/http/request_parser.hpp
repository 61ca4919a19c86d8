// Reads the head of an HTTP/1 request, strictly: where readers of HTTP are known to differ, the
// answer is a refusal.
#pragma once

#include "http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace holdfast::http {

struct limits {
    std::size_t head = 16 * 1024;  ///< request line and header fields, bytes
    std::size_t fields = 100;
    std::size_t body = 64 * 1024;
};

/// Why a request is not served: the status, and a few words for the log and the client.
struct refusal {
    int status = 0;
    std::string_view why;
};

enum class progress { more, done, refused };

/// Incremental, linear, allocation-free once warm. Strictness (RFC 9112, request smuggling):
/// lines end in CR LF only; no folding; no space before a colon; no control characters; one Host
/// (HTTP/1.1); at most one Content-Length, digits only; Transfer-Encoding only `chunked`, only in
/// HTTP/1.1 and never beside Content-Length; origin-form targets only.
class request_parser {
public:
    explicit request_parser(const limits& within) : limits_(within) {}

    /// `input` is everything received from the first byte of this request on; it only grows between
    /// calls and may have moved. Looks at no byte twice.
    progress feed(std::string_view input);
    void reset();

    const refusal& refused() const noexcept { return refusal_; }
    /// Whether any byte of a request line has been seen.
    bool started() const noexcept { return started_; }

    // After `done`:
    std::size_t head_size() const noexcept { return position_; }
    bool chunked() const noexcept { return chunked_; }
    std::size_t content_length() const noexcept { return content_length_; }
    bool keep_alive() const noexcept { return keep_alive_; }
    bool http_1_0() const noexcept { return http_1_0_; }
    bool expects_continue() const noexcept { return expects_continue_; }
    /// Points the request's views into the same input.
    void fill(request& out, std::string_view input) const;

private:
    struct piece {
        std::uint32_t at = 0;
        std::uint32_t size = 0;
    };
    struct field {
        piece name;
        piece value;
    };

    progress refuse(int status, std::string_view why);
    bool take_line(std::string_view input, std::string_view line);
    bool take_request_line(std::string_view line);
    bool take_field(std::string_view line);
    bool take_framing(std::string_view name, std::string_view value);
    bool take_content_length(std::string_view value);
    bool take_transfer_encoding(std::string_view value);
    bool take_connection(std::string_view value);
    bool take_host(std::string_view value);
    bool finish();
    piece locate(std::string_view line, std::string_view part) const;

    limits limits_;
    std::size_t position_ = 0;  // where the first line not yet taken begins
    std::size_t scanned_ = 0;   // no line feed between position_ and here
    refusal refusal_;
    piece method_;
    piece target_;
    std::vector<field> fields_;
    std::size_t content_length_ = 0;
    unsigned hosts_ = 0;
    bool started_ = false;
    bool has_length_ = false;
    bool chunked_ = false;
    bool keep_alive_ = true;
    bool http_1_0_ = false;
    bool expects_continue_ = false;
};

}  // namespace holdfast::http
