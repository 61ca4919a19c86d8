// Turns the bytes a Redis sends into replies and pushes: Boost.Redis's RESP3 parser behind a guard.
#pragma once

#include "holdfast/reply.hpp"

#include <boost/redis/resp3/parser.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// One whole message.
struct resp3_message {
    enum class kind { answer, error, push };
    kind what = kind::answer;
    reply value;        ///< answer: the reply; push: an array, its first item the kind of push
    std::string error;  ///< error: the line after '-', e.g. "NOSCRIPT No matching script."
};

/// Reads messages out of a growing buffer. RESP3 types become what a script's answer is in RESP2:
/// maps and sets flat arrays, true 1, false and null nil, numbers with a fraction text.
///
/// The bytes come from the network, so they may be anything. Boost.Redis's parser (1.88) trusts its
/// server: an empty length ends the process, a stray stream part writes outside an array. Only the
/// forms that Redis sends reach it; everything else is corrupt().
class resp3_reader {
public:
    static constexpr std::size_t most_bytes = std::size_t{1}
                                              << 29;  ///< Redis's own limit of a value

    /// The message that begins at the start of `bytes`, which is the same start as in the last call
    /// unless that returned a message. Nothing: more bytes are needed, or corrupt().
    std::optional<resp3_message> next(std::string_view bytes);
    /// How many bytes the message that next() returned took.
    std::size_t consumed() const noexcept { return consumed_; }
    /// The bytes are not RESP3; the connection is of no use any more.
    bool corrupt() const noexcept { return corrupt_; }

    void reset();

private:
    enum class head { incomplete, admissible, corrupt };
    static head look_at(std::string_view bytes);

    struct open_array {
        reply::array items;
        std::size_t missing;
    };
    using node = boost::redis::resp3::basic_node<std::string_view>;
    void add(const node& read);
    void add(reply value);

    boost::redis::resp3::parser parser_;
    bool bulk_expected_ = false;
    bool corrupt_ = false;
    std::size_t consumed_ = 0;
    std::vector<open_array> open_;
    resp3_message message_;
};

}  // namespace holdfast
