// Checking bearer tokens in a service that has the key, without asking anybody.
#pragma once

#include "holdfast/claims.hpp"
#include "holdfast/error.hpp"
#include "holdfast/time.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace holdfast {

/// Which genuine tokens are meant for the service.
struct token_rules {
    std::string guard;          ///< what `iss` must be
    std::string audience = {};  ///< what `aud` must contain; empty: it is not judged
};

/// Verifies the tokens of one guard. Immutable; any thread.
///
/// What success does NOT mean: that the session still lives. A token that was logged out verifies
/// until it expires; ask the daemon (`/authz/*`, `/oauth2/introspect`) where that matters.
class token_verifier {
public:
    /// An HMAC secret (HS256). errc::invalid_argument: fewer than 32 bytes, or a PEM or DER key.
    static result<token_verifier> from_secret(token_rules accepted, std::string_view secret);
    /// One public key in PEM or as a JWK. errc::invalid_argument: no such key, or one that is weak.
    static result<token_verifier> from_key(token_rules accepted, std::string_view pem_or_jwk);

    /// The claims of a genuine token of this guard that is in force at `now`.
    /// errc::token_malformed, token_signature, token_claims, token_wrong_guard, token_expired,
    /// token_not_yet_valid. All of them mean 401.
    result<token_claims> verify(std::string_view token, wall_time now) const;

private:
    struct state;
    explicit token_verifier(std::shared_ptr<const state> s) : state_(std::move(s)) {}
    static token_verifier with(token_rules accepted, state&& key);
    std::shared_ptr<const state> state_;
};

}  // namespace holdfast
