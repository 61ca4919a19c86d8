// What a key does once it is loaded, and the checks every way of loading ends in.
#include "token/jws/key.hpp"

#include "base/encode.hpp"
#include "base/secret.hpp"
#include "base/write_json.hpp"
#include "token/jws/key_material.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <utility>

namespace holdfast {
namespace {

constexpr std::string_view white_space = " \t\r\n\v\f";

// A public key is not a secret, whatever an attacker signs with it; neither is its private half
// meant here.
bool looks_like_a_key(std::string_view secret) {
    if (secret.starts_with("\xef\xbb\xbf")) secret.remove_prefix(3);
    const auto start = secret.find_first_not_of(white_space);
    if (start == secret.npos) return false;
    const auto text = secret.substr(start);
    if (secret.find("-----BEGIN ") != secret.npos || text.starts_with("ssh-") ||
        text.starts_with("ecdsa-sha2-"))
        return true;
    const auto* der = reinterpret_cast<const unsigned char*>(secret.data());
    const auto* at = der;
    const pkey_ptr parsed(d2i_PUBKEY(nullptr, &at, static_cast<long>(secret.size())));
    ERR_clear_error();
    return parsed != nullptr && at == der + secret.size();
}

std::optional<jws_algorithm> natural_algorithm(const EVP_PKEY* pkey) {
    if (EVP_PKEY_is_a(pkey, "RSA")) return jws_algorithm::rs256;
    if (EVP_PKEY_is_a(pkey, "ED25519")) return jws_algorithm::eddsa;
    char group[64] = {};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(pkey, group, sizeof group, &size) != 1) return std::nullopt;
    for (const auto candidate : {jws_algorithm::es256, jws_algorithm::es384, jws_algorithm::es512})
        if (std::string_view(group, size) == facts_of(candidate).curve) return candidate;
    return std::nullopt;
}

bool same_type(jws_algorithm wanted, jws_algorithm natural) {
    if (natural != jws_algorithm::rs256) return wanted == natural;
    const auto family = facts_of(wanted).family;
    return family == jws_family::rsa_pkcs1 || family == jws_family::rsa_pss;
}

std::optional<key_fault> weakness_of_rsa(const EVP_PKEY* pkey) {
    const int bits = EVP_PKEY_get_bits(pkey);
    if (bits < 2048 || bits > 8192) return key_fault::rsa_size;
    BIGNUM* read = nullptr;
    if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &read) != 1)
        return key_fault::rsa_exponent;
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> exponent(read, &BN_free);
    if (!BN_is_odd(read) || BN_is_one(read) || BN_num_bits(read) > 64)
        return key_fault::rsa_exponent;
    return std::nullopt;
}

bool on_curve(EVP_PKEY* pkey) {
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr), &EVP_PKEY_CTX_free);
    return context && EVP_PKEY_public_check(context.get()) == 1;
}

std::size_t signature_size_of(const EVP_PKEY* pkey, const algorithm_facts& facts) {
    if (facts.family == jws_family::ecdsa) return 2 * facts.coordinate_size;
    if (facts.family == jws_family::eddsa) return 64;
    return (static_cast<std::size_t>(EVP_PKEY_get_bits(pkey)) + 7) / 8;
}

}  // namespace

key_result<jws_key> key_builder::from_secret(std::string_view secret, jws_algorithm algorithm) {
    const auto& facts = facts_of(algorithm);
    if (facts.family != jws_family::hmac) return key_fault::algorithm_mismatch;
    if (looks_like_a_key(secret)) return key_fault::public_key_as_secret;
    if (secret.size() < facts.digest_size) return key_fault::secret_too_short;
    auto made = std::make_unique<jws_key::material>();
    made->algorithm = algorithm;
    made->mac = keyed_mac::make(secret, facts.digest);
    if (!made->mac) return key_fault::unknown_algorithm;
    made->has_private = true;
    made->signature_size = facts.digest_size;
    made->thumbprint = thumbprint_of(R"({"k":")" + base64url_encode(secret) + R"(","kty":"oct"})");
    return jws_key(std::move(made));
}

key_result<jws_key> key_builder::from_pkey(pkey_ptr pkey, std::optional<jws_algorithm> algorithm,
                                           bool has_private) {
    const auto natural = natural_algorithm(pkey.get());
    if (!natural) return key_fault::unknown_curve;
    const auto bound = algorithm.value_or(*natural);
    if (!same_type(bound, *natural)) return key_fault::algorithm_mismatch;
    if (*natural == jws_algorithm::rs256) {
        if (const auto weakness = weakness_of_rsa(pkey.get())) return *weakness;
    } else if (!on_curve(pkey.get())) {
        return key_fault::not_on_curve;
    }
    auto made = std::make_unique<jws_key::material>();
    made->algorithm = bound;
    made->signature_size = signature_size_of(pkey.get(), facts_of(bound));
    made->public_jwk = canonical_jwk(pkey.get(), bound);
    made->thumbprint = thumbprint_of(made->public_jwk);
    made->pkey = std::move(pkey);
    made->has_private = has_private;
    jws_key key(std::move(made));
    if (has_private) {
        const auto probe = key.sign("probe");
        if (!probe || !key.verify("probe", *probe)) return key_fault::wrong_private_key;
    }
    return key;
}

key_result<jws_key> jws_key::from_secret(std::string_view secret, jws_algorithm algorithm) {
    return key_builder::from_secret(secret, algorithm);
}

jws_key::jws_key(std::unique_ptr<material> m) noexcept : material_(std::move(m)) {}
jws_key::jws_key(jws_key&&) noexcept = default;
jws_key& jws_key::operator=(jws_key&&) noexcept = default;
jws_key::~jws_key() = default;

jws_algorithm jws_key::algorithm() const noexcept { return material_->algorithm; }
bool jws_key::symmetric() const noexcept { return material_->mac.has_value(); }
bool jws_key::can_sign() const noexcept { return material_->has_private; }
const std::string& jws_key::kid() const noexcept { return material_->kid; }
void jws_key::set_kid(std::string kid) { material_->kid = std::move(kid); }
std::string jws_key::thumbprint() const { return material_->thumbprint; }
std::size_t jws_key::signature_size() const noexcept { return material_->signature_size; }

std::string jws_key::public_jwk() const {
    if (symmetric()) return {};
    std::string jwk = material_->public_jwk;
    jwk.pop_back();
    jwk += R"(,"use":"sig","alg":")";
    jwk += facts_of(algorithm()).name;
    jwk += '"';
    if (!kid().empty()) jwk += R"(,"kid":)" + json_quote(kid());
    return jwk += '}';
}

}  // namespace holdfast
