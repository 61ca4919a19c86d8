// Signing and verifying with OpenSSL.
#include "token/jws/key_material.hpp"

#include "base/secret.hpp"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>

namespace holdfast {
namespace {

using digest_context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using ecdsa_signature = std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

bool set_padding(EVP_PKEY_CTX* context, const algorithm_facts& facts) {
    if (facts.family != jws_family::rsa_pss) return true;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool verify_public(EVP_PKEY* pkey, const algorithm_facts& facts, std::string_view text,
                   std::string_view signature) {
    const digest_context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_PKEY_CTX* parameters = nullptr;
    return context &&
           EVP_DigestVerifyInit_ex(context.get(), &parameters, facts.digest, nullptr, nullptr, pkey,
                                   nullptr) == 1 &&
           set_padding(parameters, facts) &&
           EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text),
                            text.size()) == 1;
}

std::string sign_private(EVP_PKEY* pkey, const algorithm_facts& facts, std::string_view text) {
    const digest_context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_PKEY_CTX* parameters = nullptr;
    std::size_t size = 0;
    if (!context ||
        EVP_DigestSignInit_ex(context.get(), &parameters, facts.digest, nullptr, nullptr, pkey,
                              nullptr) != 1 ||
        !set_padding(parameters, facts) ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes(text), text.size()) != 1)
        return {};
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes(text), text.size()) != 1)
        return {};
    signature.resize(size);
    return signature;
}

}  // namespace

std::string ecdsa_to_fixed(std::string_view der, std::size_t coordinate_size) {
    const unsigned char* at = bytes(der);
    const ecdsa_signature parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())),
                                 &ECDSA_SIG_free);
    if (!parsed) return {};
    std::string fixed(2 * coordinate_size, '\0');
    auto* out = reinterpret_cast<unsigned char*>(fixed.data());
    const auto width = static_cast<int>(coordinate_size);
    if (BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out, width) != width ||
        BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out + width, width) != width)
        return {};
    return fixed;
}

std::string ecdsa_to_der(std::string_view fixed) {
    const auto half = fixed.size() / 2;
    const ecdsa_signature made(ECDSA_SIG_new(), &ECDSA_SIG_free);
    BIGNUM* r = BN_bin2bn(bytes(fixed), static_cast<int>(half), nullptr);
    BIGNUM* s = BN_bin2bn(bytes(fixed) + half, static_cast<int>(half), nullptr);
    if (!made || r == nullptr || s == nullptr || ECDSA_SIG_set0(made.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return {};
    }
    unsigned char* encoded = nullptr;
    const int size = i2d_ECDSA_SIG(made.get(), &encoded);
    if (size <= 0) return {};
    std::string der(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size));
    OPENSSL_free(encoded);
    return der;
}

bool jws_key::verify(std::string_view signed_text, std::string_view signature) const noexcept {
    if (signature.size() != material_->signature_size) return false;
    if (symmetric()) {
        std::array<unsigned char, 64> mac;
        const auto size = material_->mac->compute(signed_text, mac);
        return size == signature.size() &&
               equal_in_constant_time({reinterpret_cast<const char*>(mac.data()), size}, signature);
    }
    const auto& facts = facts_of(material_->algorithm);
    const bool good =
        facts.family == jws_family::ecdsa
            ? verify_public(material_->pkey.get(), facts, signed_text, ecdsa_to_der(signature))
            : verify_public(material_->pkey.get(), facts, signed_text, signature);
    if (!good) ERR_clear_error();  // or the next TLS call of this thread would see our refusal
    return good;
}

std::optional<std::string> jws_key::sign(std::string_view text) const {
    if (!can_sign()) return std::nullopt;
    if (symmetric()) {
        std::array<unsigned char, 64> mac;
        const auto size = material_->mac->compute(text, mac);
        if (size == 0) return std::nullopt;
        return std::string(reinterpret_cast<const char*>(mac.data()), size);
    }
    const auto& facts = facts_of(material_->algorithm);
    auto signature = sign_private(material_->pkey.get(), facts, text);
    if (facts.family == jws_family::ecdsa)
        signature = ecdsa_to_fixed(signature, facts.coordinate_size);
    if (signature.empty()) {
        ERR_clear_error();
        return std::nullopt;
    }
    return signature;
}

}  // namespace holdfast
