// Keys and tokens for the tests of this folder.
#pragma once

#include "base/encode.hpp"
#include "token/jws/guard.hpp"
#include "token/jws/jws.hpp"

#include <string>
#include <string_view>

namespace holdfast::test {

inline constexpr std::string_view secret = "0123456789abcdef0123456789abcdef";
inline constexpr std::int64_t instant = 1'800'000'000;
inline const wall_time now = from_unix_seconds(instant);

inline jws_key hmac_key(std::string_view kid = "k1") {
    auto key = jws_key::from_secret(secret, jws_algorithm::hs256).value();
    key.set_kid(std::string(kid));
    return key;
}

inline key_ring hmac_ring() { return key_ring::of(hmac_key()); }

inline guard_policy app_guard() {
    guard_policy policy{.name = "app"};
    policy.max_ttl = hours{12};
    return policy;
}

inline token_claims good_claims() {
    token_claims claims{.guard = "app", .subject = "42"};
    claims.sid = "0123456789abcdef0123456789abcdef";
    claims.generation = 1;
    claims.jti = claims.sid + ".1";
    claims.issued_at = now - seconds{60};
    claims.expires_at = now + hours{1};
    return claims;
}

/// A correctly signed token with exactly this header and payload.
inline std::string sign_raw(std::string_view header, std::string_view payload,
                            const jws_key& key = hmac_key()) {
    auto token = base64url_encode(header) + '.' + base64url_encode(payload);
    return token + '.' + base64url_encode(key.sign(token).value());
}

inline const std::string plain_header = R"({"alg":"HS256","kid":"k1","typ":"JWT"})";

}  // namespace holdfast::test
