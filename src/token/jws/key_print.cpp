// Public keys as JWK, and their thumbprints (RFC 7638).
#include "token/jws/key_material.hpp"

#include "base/encode.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>

#include <array>

namespace holdfast {
namespace {

// Base64url of a number of the key, padded to `width` bytes; 0: as few as it needs.
std::string number(const EVP_PKEY* pkey, const char* name, std::size_t width) {
    BIGNUM* read = nullptr;
    if (EVP_PKEY_get_bn_param(pkey, name, &read) != 1) return {};
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> value(read, &BN_free);
    if (width == 0) width = static_cast<std::size_t>(BN_num_bytes(read));
    std::string bytes(width, '\0');
    BN_bn2binpad(read, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(width));
    return base64url_encode(bytes);
}

std::string raw_public(const EVP_PKEY* pkey) {
    std::string bytes(64, '\0');
    auto size = bytes.size();
    if (EVP_PKEY_get_raw_public_key(pkey, reinterpret_cast<unsigned char*>(bytes.data()), &size) !=
        1)
        return {};
    return base64url_encode(std::string_view(bytes).substr(0, size));
}

}  // namespace

std::string canonical_jwk(const EVP_PKEY* pkey, jws_algorithm algorithm) {
    const auto& facts = facts_of(algorithm);
    const std::string curve(facts.jwk_curve);
    switch (facts.family) {
        case jws_family::rsa_pkcs1:
        case jws_family::rsa_pss:
            return R"({"e":")" + number(pkey, OSSL_PKEY_PARAM_RSA_E, 0) + R"(","kty":"RSA","n":")" +
                   number(pkey, OSSL_PKEY_PARAM_RSA_N, 0) + R"("})";
        case jws_family::ecdsa:
            return R"({"crv":")" + curve + R"(","kty":"EC","x":")" +
                   number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, facts.coordinate_size) + R"(","y":")" +
                   number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, facts.coordinate_size) + R"("})";
        case jws_family::eddsa:
            return R"({"crv":")" + curve + R"(","kty":"OKP","x":")" + raw_public(pkey) + R"("})";
        case jws_family::hmac: break;
    }
    return {};
}

std::string thumbprint_of(std::string_view canonical) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    EVP_Digest(canonical.data(), canonical.size(), digest.data(), &size, EVP_sha256(), nullptr);
    return base64url_encode({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace holdfast
