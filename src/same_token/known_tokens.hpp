// What one process knows of the fleet's tokens, and the two decisions taken from it.
#pragma once

#include "holdfast/reply.hpp"
#include "holdfast/same_token.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

/// SHA-256 of a token. Comparing these leaks nothing about how much of a guess was right.
using token_digest = std::array<unsigned char, 32>;
token_digest digest_of(std::string_view token);

struct known_token {
    std::string text;
    token_digest digest;
    steady_time until;  ///< as the store thinks, or up to a round trip and 1 ms later
};

/// One answer of the store. Plain data and functions of (data, now).
struct known_tokens {
    std::uint64_t generation = 0;
    std::optional<known_token> current = {};
    std::optional<known_token> past = {};
    std::optional<known_token> next = {};
    steady_time due = {};       ///< when next is to become current, if there is one
    steady_time asked_at = {};  ///< everything the store did before is in here

    /// errc::protocol_error when the reply is not what state.lua describes.
    static result<known_tokens> read(const reply& from, steady_time asked_at,
                                     steady_time answered_at);

    /// In constant time for every token that is not known.
    same_token_match match(std::string_view presented, steady_time now) const;

    /// The current token; the announced one once it is long overdue, because then either it was
    /// swapped in without us or all others wait as we do and take it too. Null when there is none.
    const std::string* to_send(steady_time now, milliseconds overlap) const;
};

/// 64 letters and digits, as Sa-Token's are.
std::string random_token(runtime& rt);

}  // namespace holdfast
