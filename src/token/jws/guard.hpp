// A guard's rules for tokens, and the verdict on one token at one instant.
#pragma once

#include "holdfast/claims.hpp"
#include "token/jws/key_ring.hpp"

#include <string>
#include <string_view>

namespace holdfast {

/// What one guard accepts. `seconds` are whole because claims are.
struct guard_policy {
    std::string name;           ///< what `iss` must be, exactly
    std::string audience = {};  ///< what `aud` must contain; empty: `aud` is not judged
    /// How far `iat` and `nbf` may lie ahead of this node's clock: the issuer's clock differs.
    seconds leeway{10};
    /// How long past `exp` a token is still taken. 0: dead at `exp`, the instant itself included.
    seconds expiry_leeway{0};
    /// Longest life of a token: `exp` − `iat`, and `exp` − now for a token without `iat`.
    seconds max_ttl{hours{24}};
    /// Also accept tokens without `sid`, `iat` and `sub`, as the Go seed issues them: their `jti`
    /// is the user.
    bool seed_tokens = false;
};

/// Whether the token is genuine, this guard's and in force at `now`. Pure: revocation, renewal and
/// the user's account are judged elsewhere.
///
/// errc::token_malformed  not a strict JWS or JSON; crit, b64, zip; `typ` of another kind of token
/// errc::token_signature  no such key, another algorithm, wrong signature
/// errc::token_claims     a claim is missing, of a wrong type or out of bounds; lives too long; aud
/// errc::token_wrong_guard
/// errc::token_expired    now >= exp
/// errc::token_not_yet_valid
///
/// A refusal allocates nothing and says nothing about the order of the checks. Any thread.
result<token_claims> verify_token(std::string_view token, const guard_policy& policy,
                                  const key_ring& keys, wall_time now);

/// What of that verdict can change with time, for claims that verify_token() gave: token_expired,
/// token_not_yet_valid (the clock went back), token_claims (it now lives too long). A zero code: in
/// force.
error_code judge_again(const token_claims& claims, const guard_policy& policy,
                       wall_time now) noexcept;

/// Signs with the ring's current key, or with the one named: how every node signs the same
/// successor. errc::not_found: no such key; errc::invalid_argument: too long.
result<std::string> sign_token(const token_claims& claims, const key_ring& keys);
result<std::string> sign_token(const token_claims& claims, const key_ring& keys,
                               std::string_view kid);

}  // namespace holdfast
