// What loading a key refuses, and rings of keys.
#include "token/jws/tokens.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace holdfast {
namespace {

using namespace test;

using pkey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string pem_of(EVP_PKEY* key, bool with_private) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    if (with_private)
        PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    else
        PEM_write_bio_PUBKEY(out.get(), key);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

pkey rsa(int bits) { return {EVP_RSA_gen(static_cast<unsigned>(bits)), &EVP_PKEY_free}; }
pkey ec(const char* curve) { return {EVP_EC_gen(curve), &EVP_PKEY_free}; }
pkey ed25519() { return {EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free}; }

std::optional<key_fault> fault_of(const key_result<jws_key>& loaded) {
    if (loaded) return std::nullopt;
    return loaded.error();
}

TEST(jws_keys, a_secret_must_be_long_and_secret) {
    const auto fault = [](std::string_view s, jws_algorithm a = jws_algorithm::hs256) {
        return fault_of(jws_key::from_secret(s, a));
    };
    EXPECT_EQ(fault(secret), std::nullopt);
    EXPECT_EQ(fault(""), key_fault::secret_too_short);
    EXPECT_EQ(fault(secret.substr(1)), key_fault::secret_too_short);
    EXPECT_EQ(fault(secret, jws_algorithm::hs384), key_fault::secret_too_short);
    EXPECT_EQ(fault(secret, jws_algorithm::hs512), key_fault::secret_too_short);
    EXPECT_EQ(fault(secret, jws_algorithm::rs256), key_fault::algorithm_mismatch);
    const auto key = ec("P-256");
    const auto pem = pem_of(key.get(), false);
    for (const auto* before : {"", " ", "\n\n", "\t \r\n", "\xef\xbb\xbf", "some words\n"})
        EXPECT_EQ(fault(before + pem), key_fault::public_key_as_secret) << '"' << before << '"';
    EXPECT_EQ(fault(pem_of(key.get(), true)), key_fault::public_key_as_secret);
    EXPECT_EQ(fault("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ"), key_fault::public_key_as_secret);
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key.get(), &der);
    EXPECT_EQ(fault({reinterpret_cast<char*>(der), static_cast<std::size_t>(size)}),
              key_fault::public_key_as_secret);
    OPENSSL_free(der);
}

TEST(jws_keys, jwk_refusals) {
    const std::string k = base64url_encode(secret);
    const std::string point = R"("kty":"EC","crv":"P-256",)"
                              R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)";
    const std::string y = R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")";
    const std::string y_off = R"("y":"y_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")";
    const auto modulus = base64url_encode(std::string(256, '\xc7'));
    const auto small = base64url_encode(std::string(128, '\xc7'));
    const auto even = base64url_encode(std::string("\x01\x00\x00", 3));
    struct row {
        std::string jwk;
        std::optional<key_fault> fault;
    };
    const std::vector<row> rows = {
        {R"({"kty":"oct","k":")" + k + R"("})", {}},
        {R"({"kty":"oct","k":")" + k + R"(","use":"sig","key_ops":["sign","verify"]})", {}},
        {R"({"kty":"oct","k":")" + k + R"(","use":"enc"})", key_fault::not_for_signatures},
        {R"({"kty":"oct","k":")" + k + R"(","key_ops":["sign"]})", key_fault::not_for_signatures},
        {R"({"kty":"oct","k":")" + k + R"(","key_ops":[]})", key_fault::not_for_signatures},
        {R"({"kty":"oct","k":")" + k + R"(","key_ops":"verify"})", key_fault::wrong_member},
        {R"({"kty":"oct","k":")" + k + R"(","alg":"RS256"})", key_fault::algorithm_mismatch},
        {R"({"kty":"oct","k":")" + k + R"(","alg":"none"})", key_fault::unknown_algorithm},
        {R"({"kty":"oct","k":")" + k + R"(=","alg":"HS256"})", key_fault::wrong_member},
        {R"({"kty":"oct","k":""})", key_fault::secret_too_short},
        {R"({"kty":"oct"})", key_fault::wrong_member},
        {R"({"kty":"oct","kty":"oct"})", key_fault::not_json},
        {R"({"kty":"DSA"})", key_fault::no_key_type},
        {R"({"k":"x"})", key_fault::no_key_type},
        {"[]", key_fault::not_json},
        {"{" + point + y + "}", {}},
        {"{" + point + y_off + "}", key_fault::not_on_curve},
        {"{" + point + y + R"(,"alg":"ES384"})", key_fault::algorithm_mismatch},
        {"{" + point + y + R"(,"alg":"HS256"})", key_fault::algorithm_mismatch},
        {"{" + point + R"("y":"AA"})", key_fault::wrong_member},
        {R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})", key_fault::unknown_curve},
        {R"({"kty":"OKP","crv":"X25519","x":"AA"})", key_fault::unknown_curve},
        {R"({"kty":"RSA","n":")" + modulus + R"(","e":"AQAB"})", {}},
        {R"({"kty":"RSA","n":")" + modulus + R"(","e":")" + even + R"("})",
         key_fault::rsa_exponent},
        {R"({"kty":"RSA","n":")" + modulus + R"(","e":"AQ"})", key_fault::rsa_exponent},
        {R"({"kty":"RSA","n":")" + small + R"(","e":"AQAB"})", key_fault::rsa_size},
        {R"({"kty":"RSA","n":")" + modulus + R"("})", key_fault::wrong_member},
    };
    for (const auto& [jwk, fault] : rows) EXPECT_EQ(fault_of(jws_key::from_jwk(jwk)), fault) << jwk;
}

TEST(jws_keys, pem_refusals) {
    const auto fault = [](const std::string& pem, std::optional<jws_algorithm> a = {}) {
        return fault_of(jws_key::from_pem(pem, a));
    };
    EXPECT_EQ(fault(pem_of(rsa(1024).get(), true)), key_fault::rsa_size);
    EXPECT_EQ(fault(pem_of(ec("secp256k1").get(), true)), key_fault::unknown_curve);
    EXPECT_EQ(fault(pem_of(ec("P-256").get(), true), jws_algorithm::es384),
              key_fault::algorithm_mismatch);
    EXPECT_EQ(fault("nothing"), key_fault::not_pem);
    EXPECT_THROW(jws_key::from_pem("nothing").value(), boost::system::system_error);
}

TEST(jws_keys, every_algorithm_signs_and_verifies_and_none_verifies_for_another) {
    std::vector<jws_key> keys;
    for (const auto a : {jws_algorithm::hs256, jws_algorithm::hs384, jws_algorithm::hs512})
        keys.push_back(jws_key::from_secret(std::string(64, 's'), a).value());
    const auto pem = pem_of(rsa(2048).get(), true);
    for (const auto a : {jws_algorithm::rs256, jws_algorithm::rs384, jws_algorithm::rs512,
                         jws_algorithm::ps256, jws_algorithm::ps384, jws_algorithm::ps512})
        keys.push_back(jws_key::from_pem(pem, a).value());
    for (const auto* curve : {"P-256", "P-384", "P-521"})
        keys.push_back(jws_key::from_pem(pem_of(ec(curve).get(), true)).value());
    keys.push_back(jws_key::from_pem(pem_of(ed25519().get(), true)).value());
    ASSERT_EQ(keys.size(), 13u);
    for (std::size_t signer = 0; signer < keys.size(); ++signer) {
        const auto signature = keys[signer].sign("text").value();
        EXPECT_EQ(signature.size(), keys[signer].signature_size());
        for (std::size_t reader = 0; reader < keys.size(); ++reader)
            EXPECT_EQ(keys[reader].verify("text", signature), signer == reader)
                << signer << ' ' << reader;
        EXPECT_FALSE(keys[signer].verify("texT", signature));
    }
}

TEST(jws_key_ring, publishes_public_keys_only_and_they_verify) {
    auto signer = jws_key::from_pem(pem_of(ec("P-256").get(), true)).value();
    signer.set_kid(signer.thumbprint());
    const auto token = sign_jws(signer, "payload").value();
    std::vector<ring_key> keys;
    keys.push_back({std::make_shared<const jws_key>(hmac_key()), key_role::retired});
    keys.push_back({std::make_shared<const jws_key>(std::move(signer)), key_role::current});
    const auto ring = key_ring::make(std::move(keys)).value();
    const auto document = ring.jwks();
    EXPECT_EQ(document.find("oct"), std::string::npos);
    EXPECT_EQ(document.find("\"d\""), std::string::npos);
    json_object_reader reader(document);
    json_member member;
    ASSERT_TRUE(reader.next(member) && member.value.is(json_kind::array));
    json_array_reader published(member.value.raw);
    json_value jwk;
    ASSERT_TRUE(published.next(jwk));
    const auto outside = key_ring::of(jws_key::from_jwk(jwk.raw).value());
    EXPECT_EQ(verify_jws(token, outside).value().payload, "payload");
    EXPECT_FALSE(published.next(jwk));
}

TEST(jws_key_ring, a_retired_key_still_verifies_and_the_current_one_signs) {
    auto old_key = jws_key::from_secret(std::string(32, 'o'), jws_algorithm::hs256).value();
    old_key.set_kid("old");
    const auto old_ring = key_ring::of(std::move(old_key));
    const auto old_token = sign_token(good_claims(), old_ring).value();
    std::vector<ring_key> keys{{std::make_shared<const jws_key>(hmac_key()), key_role::current},
                               {old_ring.keys()[0].key, key_role::retired}};
    const auto ring = key_ring::make(keys).value();
    EXPECT_TRUE(verify_token(old_token, app_guard(), ring, now));
    EXPECT_EQ(verify_jws(sign_token(good_claims(), ring).value(), ring).value().kid, "k1");
    EXPECT_EQ(sign_token(good_claims(), ring, "old").value(), old_token) << "deterministic";
    EXPECT_EQ(sign_token(good_claims(), ring, "lost").error(), errc::not_found);
    keys[1].role = key_role::current;
    EXPECT_FALSE(key_ring::make(keys)) << "two current keys";
    EXPECT_FALSE(key_ring::make({}));
    keys[1] = {keys[0].key, key_role::next};
    EXPECT_FALSE(key_ring::make(keys)) << "one kid twice";
}

TEST(jws_key_ring, readers_see_a_replacement) {
    key_ring_source source(std::make_shared<const key_ring>(hmac_ring()));
    key_ring_reader reader(source);
    const auto before = reader.get();
    EXPECT_EQ(reader.get(), before);
    source.replace(std::make_shared<const key_ring>(hmac_ring()));
    EXPECT_NE(reader.get(), before);
}

}  // namespace
}  // namespace holdfast
