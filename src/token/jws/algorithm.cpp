// The table of signature algorithms.
#include "token/jws/algorithm.hpp"

#include <array>

namespace holdfast {
namespace {

constexpr std::array<algorithm_facts, 13> table{{
    {"HS256", jws_family::hmac, "SHA256", 32},
    {"HS384", jws_family::hmac, "SHA384", 48},
    {"HS512", jws_family::hmac, "SHA512", 64},
    {"RS256", jws_family::rsa_pkcs1, "SHA256", 32},
    {"RS384", jws_family::rsa_pkcs1, "SHA384", 48},
    {"RS512", jws_family::rsa_pkcs1, "SHA512", 64},
    {"PS256", jws_family::rsa_pss, "SHA256", 32},
    {"PS384", jws_family::rsa_pss, "SHA384", 48},
    {"PS512", jws_family::rsa_pss, "SHA512", 64},
    {"ES256", jws_family::ecdsa, "SHA256", 32, "prime256v1", "P-256", 32},
    {"ES384", jws_family::ecdsa, "SHA384", 48, "secp384r1", "P-384", 48},
    {"ES512", jws_family::ecdsa, "SHA512", 64, "secp521r1", "P-521", 66},
    {"EdDSA", jws_family::eddsa, nullptr, 0, nullptr, "Ed25519", 32},
}};

}  // namespace

const algorithm_facts& facts_of(jws_algorithm algorithm) noexcept {
    return table[static_cast<std::size_t>(algorithm)];
}

std::optional<jws_algorithm> find_algorithm(std::string_view name) noexcept {
    if (name == "Ed25519") return jws_algorithm::eddsa;
    for (std::size_t i = 0; i < table.size(); ++i)
        if (table[i].name == name) return static_cast<jws_algorithm>(i);
    return std::nullopt;
}

}  // namespace holdfast
