// JSON Web Signatures (RFC 7515) in the compact serialization, read strictly.
#pragma once

#include "token/jws/json.hpp"
#include "token/jws/key_ring.hpp"

#include <array>
#include <string>
#include <string_view>

namespace holdfast {

/// Longer tokens are refused before anything is decoded.
inline constexpr std::size_t most_token_bytes = 8192;
inline constexpr std::string_view plain_token_type = "JWT";

/// Why a token is not what it claims. For logs and operators; the bearer is told less.
enum class jws_fault {
    none,
    too_long,
    segments,     ///< not exactly three, or an empty header or signature
    encoding,     ///< not canonical base64url: other characters, padding, unused bits set
    header,       ///< not one strict JSON object with the members it must have
    extension,    ///< crit, b64 or zip: no extension is understood
    unknown_key,  ///< no key with this kid
    algorithm,    ///< none, or not the one the key is bound to
    signature,
};

const char* describe(jws_fault) noexcept;
/// token_signature where a key would have to be another, token_malformed otherwise.
errc errc_of(jws_fault) noexcept;

/// Room for what a token's segments decode to; lies on the stack of whoever verifies.
struct jws_buffer {
    std::array<char, most_token_bytes / 4 * 3 + 8> bytes;
};

/// A verified token, as views into the buffer.
struct jws_view {
    std::string_view payload = {};
    json_text type = {};  ///< `typ`; empty when absent
    const jws_key* key = nullptr;
};

/// Checks everything of the JWS layer: three segments of canonical base64url; a header without
/// duplicate members, crit, b64 or zip; the key by kid, or, without kid, by trying the keys of that
/// algorithm; the algorithm bound to that key; the signature. `jwk`, `jku`, `x5u` and `x5c` are
/// ignored: a token never brings or names its own key. Claims are not looked at.
///
/// Time is linear in the token, nothing is allocated but by OpenSSL for asymmetric keys. Any
/// thread.
jws_fault check_jws(std::string_view compact, const key_ring& keys, jws_buffer& buffer,
                    jws_view& out) noexcept;

/// The same with a copy of the payload.
struct verified_jws {
    std::string payload;
    std::string type;
    std::string kid;  ///< of the key that verified it; empty when that has none
    jws_algorithm algorithm;
};
/// errc::token_malformed, errc::token_signature.
result<verified_jws> verify_jws(std::string_view compact, const key_ring& keys);

/// `{"alg":…,"kid":…,"typ":…}`, without the members that are empty.
std::string jws_header(const jws_key& key, std::string_view type);
/// Header, payload and signature, compact. errc::invalid_argument when the key cannot sign or the
/// token would be too long to be verified.
result<std::string> sign_jws(const jws_key& key, std::string_view payload,
                             std::string_view type = plain_token_type);

}  // namespace holdfast
