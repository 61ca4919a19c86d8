// The signature algorithms of RFC 7518 and RFC 8037 that Holdfast knows, as data.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace holdfast {

enum class jws_algorithm : unsigned char {
    // clang-format off
    hs256, hs384, hs512,
    rs256, rs384, rs512,
    ps256, ps384, ps512,
    es256, es384, es512,
    eddsa,
    // clang-format on
};

enum class jws_family { hmac, rsa_pkcs1, rsa_pss, ecdsa, eddsa };

/// What the algorithm's name stands for.
struct algorithm_facts {
    std::string_view name;  ///< the JOSE name: "HS256"
    jws_family family;
    const char* digest;               ///< OpenSSL's name; null for EdDSA
    std::size_t digest_size;          ///< bytes; also the least size of an HMAC secret
    const char* curve = nullptr;      ///< OpenSSL's group name, ECDSA only
    std::string_view jwk_curve = {};  ///< JWK `crv`
    std::size_t coordinate_size = 0;  ///< bytes of each of r and s
};

const algorithm_facts& facts_of(jws_algorithm) noexcept;

/// Exact, case-sensitive name. `Ed25519` (RFC 9864) is the same algorithm as `EdDSA` here.
std::optional<jws_algorithm> find_algorithm(std::string_view name) noexcept;

}  // namespace holdfast
