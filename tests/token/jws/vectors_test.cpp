// Every published vector gets the strict verdict: RFC 7515, RFC 8037, Wycheproof and mutations.
#include "token/jws/jws.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

namespace holdfast {
namespace {

using fields = std::map<std::string, json_value, std::less<>>;

fields members_of(std::string_view object) {
    fields found;
    json_object_reader reader(object);
    json_member member;
    while (reader.next(member)) found[member.name.str()] = member.value;
    EXPECT_TRUE(reader.ok());
    return found;
}

std::string read_vectors() {
    std::ifstream file(HOLDFAST_TEST_DATA "/jws/vectors.json");
    return {std::istreambuf_iterator<char>(file), {}};
}

bool is_valid(std::string_view jwk, const std::string& token) {
    auto key = jws_key::from_jwk(jwk);
    return key && verify_jws(token, key_ring::of(std::move(*key))).has_value();
}

void expect_verdict(std::string_view jwk, const fields& test, const std::string& label) {
    const bool expected = test.at("strict").text() == "valid";
    EXPECT_EQ(is_valid(jwk, test.at("jws").text().str()), expected)
        << label << ": " << test.at("strict_reason").text().str();
}

TEST(jws_vectors, rfc_and_derived_get_the_strict_verdict) {
    const auto text = read_vectors();
    json_array_reader vectors(members_of(text).at("vectors").raw);
    json_value item;
    int count = 0;
    for (; vectors.next(item); ++count) {
        const auto vector = members_of(item.raw);
        expect_verdict(vector.at("key").raw, vector, vector.at("id").text().str());
    }
    EXPECT_GE(count, 25);
}

TEST(jws_vectors, wycheproof_gets_the_strict_verdict) {
    const auto text = read_vectors();
    const auto wycheproof = members_of(text).at("wycheproof");
    json_array_reader groups(members_of(wycheproof.raw).at("groups").raw);
    json_value item;
    int count = 0;
    while (groups.next(item)) {
        const auto group = members_of(item.raw);
        json_array_reader tests(group.at("tests").raw);
        json_value test;
        for (; tests.next(test); ++count) {
            const auto one = members_of(test.raw);
            expect_verdict(group.at("key").raw, one,
                           "wycheproof " + std::string(one.at("tcId").raw));
        }
    }
    EXPECT_GE(count, 200);
}

TEST(jws_vectors, published_private_keys_sign_what_their_public_half_verifies) {
    const auto text = read_vectors();
    json_array_reader vectors(members_of(text).at("vectors").raw);
    json_value item;
    int signers = 0;
    while (vectors.next(item)) {
        const auto vector = members_of(item.raw);
        if (!vector.contains("private_key")) continue;
        const auto algorithm = find_algorithm(vector.at("alg").text().str());
        ASSERT_TRUE(algorithm);
        const auto key = jws_key::from_jwk(vector.at("private_key").raw, *algorithm);
        ASSERT_TRUE(key) << describe(key.error());
        EXPECT_TRUE(key->can_sign());
        const auto token = sign_jws(*key, R"({"a":1})");
        ASSERT_TRUE(token);
        EXPECT_TRUE(is_valid(vector.at("key").raw, *token)) << vector.at("id").text().str();
        ++signers;
    }
    EXPECT_GE(signers, 4);
}

TEST(jws_vectors, ed25519_has_the_thumbprint_of_rfc_8037) {
    const auto key = jws_key::from_jwk(
        R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
    ASSERT_TRUE(key);
    EXPECT_EQ(key->thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(jws_vectors, rsa_has_the_thumbprint_of_rfc_7638) {
    const auto key = jws_key::from_jwk(
        R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT8)"
        R"(6zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArw)"
        R"(l93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6q)"
        R"(MQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xB)"
        R"(niIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-0)"
        R"(4-29"})");
    ASSERT_TRUE(key);
    EXPECT_EQ(key->thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

}  // namespace
}  // namespace holdfast
