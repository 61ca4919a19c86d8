// What a jws_key holds, for the files that load, use and print keys.
#pragma once

#include "token/jws/key.hpp"
#include "token/jws/mac.hpp"

#include <openssl/evp.h>

namespace holdfast {

struct free_pkey {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using pkey_ptr = std::unique_ptr<EVP_PKEY, free_pkey>;

struct jws_key::material {
    jws_algorithm algorithm = jws_algorithm::hs256;
    std::string kid = {};
    std::optional<keyed_mac> mac = {};  // symmetric keys
    pkey_ptr pkey = {};                 // all others
    bool has_private = false;
    std::string thumbprint = {};
    std::string public_jwk = {};
    std::size_t signature_size = 0;
};

/// The last steps every way of loading shares.
class key_builder {
public:
    static key_result<jws_key> from_secret(std::string_view secret, jws_algorithm algorithm);
    /// Checks sizes, curve, exponent and that both halves belong together.
    static key_result<jws_key> from_pkey(pkey_ptr pkey, std::optional<jws_algorithm> algorithm,
                                         bool has_private);
};

/// Members of a public JWK in the order of RFC 7638: what the thumbprint is taken of.
std::string canonical_jwk(const EVP_PKEY* pkey, jws_algorithm algorithm);
std::string thumbprint_of(std::string_view canonical);

/// ECDSA: OpenSSL's DER to the two fixed-width numbers of RFC 7518 section 3.4, and back. Empty
/// when the input is not such a signature.
std::string ecdsa_to_fixed(std::string_view der, std::size_t coordinate_size);
std::string ecdsa_to_der(std::string_view fixed);

}  // namespace holdfast
