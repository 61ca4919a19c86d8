// Genuine tokens whose claims must be refused, and the odd ones that must not.
#include "token/jws/tokens.hpp"

#include <gtest/gtest.h>

#include <map>

namespace holdfast {
namespace {

using namespace test;

// The members of a good payload; a row replaces, adds or (empty text) removes one.
std::string payload_with(const std::string& name, const std::string& value) {
    std::map<std::string, std::string> members = {
        {"iss", R"("app")"},   {"sub", R"("42")"},
        {"sid", R"("abc")"},   {"gen", "1"},
        {"ue", "0"},           {"jti", R"("abc.1")"},
        {"iat", "1799999940"}, {"exp", "1800003600"},
        {"nbf", "1799999940"}, {"aud", R"(["web","api"])"}};
    members[name] = value;
    std::string json = "{";
    for (const auto& [key, text] : members) {
        if (text.empty()) continue;
        json += (json.size() > 1 ? ",\"" : "\"") + key + "\":" + text;
    }
    return json + '}';
}

error_code verdict(const std::string& payload, const guard_policy& policy) {
    const auto verified = verify_token(sign_raw(plain_header, payload), policy, hmac_ring(), now);
    return verified ? error_code() : verified.error();
}

struct row {
    std::string name;
    std::string value;
    std::optional<errc> expected;
};

void expect_verdicts(const std::vector<row>& rows, const guard_policy& policy) {
    for (const auto& [name, value, expected] : rows)
        EXPECT_EQ(verdict(payload_with(name, value), policy),
                  expected ? error_code(*expected) : error_code())
            << name << " = " << value.substr(0, 60);
}

TEST(claims, times_are_judged_strictly) {
    auto policy = app_guard();
    policy.max_ttl = hours{24 * 365 * 300};
    expect_verdicts(
        {
            {"exp", "1800003600", {}},
            {"exp", "4102444800.9", {}},
            {"exp", "9999999999", {}},
            {"exp", "9.3e9", {}},
            {"exp", "", errc::token_claims},
            {"exp", "1800000000", errc::token_expired},
            {"exp", "1800000000.9", errc::token_expired},
            {"exp", "1800000001", {}},
            {"exp", "0", errc::token_expired},
            {"exp", "253402300800", errc::token_claims},
            {"exp", "9223372036854775808", errc::token_claims},
            {"exp", "1e30", errc::token_claims},
            {"exp", "1e400", errc::token_malformed},
            {"exp", "-1", errc::token_claims},
            {"exp", "-0", errc::token_claims},
            {"exp", "NaN", errc::token_malformed},
            {"exp", R"("4102444800")", errc::token_claims},
            {"exp", "true", errc::token_claims},
            {"exp", "null", errc::token_claims},
            {"exp", "[4102444800]", errc::token_claims},
            {"exp", "{}", errc::token_claims},
            {"nbf", "1800000010", {}},
            {"nbf", "1800000011", errc::token_not_yet_valid},
            {"nbf", "9999999999", errc::token_not_yet_valid},
            {"nbf", R"("0")", errc::token_claims},
            {"iat", "1800000010", {}},
            {"iat", "1800000011", errc::token_not_yet_valid},
            {"iat", "", errc::token_claims},
        },
        policy);
}

TEST(claims, identity_is_judged_strictly) {
    expect_verdicts(
        {
            {"iss", R"("App")", errc::token_wrong_guard},
            {"iss", R"("admin")", errc::token_wrong_guard},
            {"iss", R"("app ")", errc::token_wrong_guard},
            {"iss", R"("\u0061pp")", {}},
            {"iss", "", errc::token_claims},
            {"iss", R"(["app"])", errc::token_claims},
            {"iss", R"("app\u0000")", errc::token_malformed},
            {"sub", "", errc::token_claims},
            {"sub", "42", errc::token_claims},
            {"sub", R"("")", errc::token_claims},
            {"sub", R"("42\r\nX-User-Id: 1")", errc::token_claims},
            {"sub", '"' + std::string(256, 'u') + '"', errc::token_claims},
            {"sub", "\"\xe7\x94\xa8\xe6\x88\xb7\"", {}},
            {"sid", "", errc::token_claims},
            {"sid", R"("a b")", errc::token_claims},
            {"sid", R"("a}b{")", errc::token_claims},
            {"gen", "1.5", errc::token_claims},
            {"gen", "-1", errc::token_claims},
            {"gen", R"("1")", errc::token_claims},
            {"gen", "9007199254740992", errc::token_claims},
            {"ue", "9007199254740991", {}},
            {"extra", R"({"any":["thing",1,null,true]})", {}},
        },
        app_guard());
}

TEST(claims, a_token_may_not_live_longer_than_its_guard_allows) {
    auto policy = app_guard();
    policy.max_ttl = seconds{3660};
    expect_verdicts({{"exp", "1800003600", {}}, {"exp", "1800003601", errc::token_claims}}, policy);
}

TEST(claims, audience_matches_one_exact_member) {
    auto policy = app_guard();
    policy.audience = "api";
    expect_verdicts(
        {
            {"aud", R"(["web","api"])", {}},
            {"aud", R"("api")", {}},
            {"aud", R"("API")", errc::token_claims},
            {"aud", R"("api/")", errc::token_claims},
            {"aud", R"(["web"])", errc::token_claims},
            {"aud", "[]", errc::token_claims},
            {"aud", R"(["api",1])", errc::token_claims},
            {"aud", R"({"api":1})", errc::token_claims},
            {"aud", "", errc::token_claims},
        },
        policy);
}

TEST(claims, a_duplicate_is_refused_however_it_is_written) {
    for (const auto* more :
         {R"("exp":9999999999})", R"("\u0065xp":9999999999})", R"("extra":{"a":1,"a":2}})"}) {
        auto payload = payload_with("exp", "1800003600");
        payload.back() = ',';
        EXPECT_EQ(verdict(payload + more, app_guard()), errc::token_malformed) << more;
    }
}

TEST(claims, extra_members_survive_signing_again_byte_for_byte) {
    const auto read = token_claims::parse(
        R"({"name":"\u00e9","iss":"app","jti":"x","exp":5,"n":1.50,"o":{"a":[ 1 ]}})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->to_json(), R"({"iss":"app","sub":"x","exp":5,"jti":"x",)"
                               R"("name":"\u00e9","n":1.50,"o":{"a":[ 1 ]}})");
    EXPECT_EQ(parse_extra_claims(R"({"a":1,"b":"x"})").value(), R"("a":1,"b":"x")");
    EXPECT_EQ(parse_extra_claims("{}").value(), "");
    EXPECT_EQ(parse_extra_claims(R"({"sub":"root"})").error(), errc::invalid_argument);
    EXPECT_EQ(parse_extra_claims(R"({"s\u0075b":"root"})").error(), errc::invalid_argument);
    EXPECT_EQ(parse_extra_claims("[1]").error(), errc::invalid_argument);
}

}  // namespace
}  // namespace holdfast
