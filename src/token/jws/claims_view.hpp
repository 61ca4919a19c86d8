// Claims as views into a decoded payload: what is judged before anything is copied.
#pragma once

#include "holdfast/claims.hpp"
#include "token/jws/json.hpp"

#include <optional>

namespace holdfast {

/// Unset members were absent.
struct claims_view {
    std::optional<json_text> guard = {};
    std::optional<json_text> subject = {};
    std::optional<json_text> sid = {};
    std::optional<json_text> jti = {};
    std::optional<json_value> audience = {};
    std::optional<std::int64_t> expires_at = {};
    std::optional<std::int64_t> not_before = {};
    std::optional<std::int64_t> issued_at = {};
    std::optional<std::int64_t> auth_time = {};
    std::uint64_t generation = 0;
    std::uint64_t user_epoch = 0;
    std::size_t extra_members = 0;

    /// Whether `aud` names this audience, exactly.
    bool is_for(std::string_view wanted) const noexcept;
    /// Copies; `payload` is what the view was read from.
    token_claims copy(std::string_view payload) const;
};

/// Fills the view. errc::token_malformed or errc::token_claims as token_claims::parse says; success
/// is a zero code. Allocates nothing.
error_code read_claims(std::string_view payload, claims_view& out) noexcept;

/// The same by the grammar alone, without the short way for payloads that Holdfast wrote.
error_code read_any_claims(std::string_view payload, claims_view& out) noexcept;

/// Whether Holdfast reads a claim of this name itself.
bool is_known_claim(const json_text& name) noexcept;

}  // namespace holdfast
