// Checking bearer tokens in a service that has the key, without asking anybody.
#pragma once

#include "holdfast/claims.hpp"
#include "holdfast/error.hpp"
#include "holdfast/time.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace holdfast {

/// Verifies the tokens of one guard. Immutable; any thread.
///
/// What success does NOT mean: that the session still lives. A token that was logged out verifies
/// until it expires; ask the daemon (`/authz/*`, `/oauth2/introspect`) where that matters.
class token_verifier {
public:
    /// An HMAC secret (HS256). errc::invalid_argument: fewer than 32 bytes, or a PEM or DER key.
    static result<token_verifier> from_secret(std::string guard, std::string_view secret);
    /// One public key in PEM or as a JWK. errc::invalid_argument: no such key, or one that is weak.
    static result<token_verifier> from_key(std::string guard, std::string_view pem_or_jwk);

    /// The claims of a genuine token of this guard that is in force at `now`.
    /// errc::token_malformed, token_signature, token_claims, token_wrong_guard, token_expired,
    /// token_not_yet_valid. All of them mean 401.
    result<token_claims> verify(std::string_view token, wall_time now) const;

private:
    struct rules;
    explicit token_verifier(std::shared_ptr<const rules> r) : rules_(std::move(r)) {}
    std::shared_ptr<const rules> rules_;
};

}  // namespace holdfast
