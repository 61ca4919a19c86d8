// Takes a chunked body apart (RFC 9112 section 7.1), strictly.
#pragma once

#include "http/request_parser.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast::http {

/// Chunk extensions are refused (nobody uses them, and readers that skip them differ in where they
/// end); trailer fields are checked and dropped.
class chunked_decoder {
public:
    explicit chunked_decoder(const limits& within) : most_(within.body) {}

    /// `input` is everything received from the first byte of the body on; it only grows between
    /// calls.
    progress feed(std::string_view input);
    void reset();

    const refusal& refused() const noexcept { return refusal_; }
    /// After `done`: how many bytes of the input belong to the body.
    std::size_t size() const noexcept { return position_; }
    /// The chunks joined.
    std::string_view body() const noexcept { return body_; }

private:
    enum class part { size_line, data, data_end, trailer };

    progress refuse(int status, std::string_view why);
    progress take_size(std::string_view line);
    progress take_trailer(std::string_view line);
    progress take_line(std::string_view input);
    progress take_data(std::string_view input);

    const std::size_t most_;
    std::size_t position_ = 0;
    std::size_t left_ = 0;  // of the current chunk
    std::size_t trailer_bytes_ = 0;
    part expecting_ = part::size_line;
    std::string body_;
    refusal refusal_;
};

}  // namespace holdfast::http
