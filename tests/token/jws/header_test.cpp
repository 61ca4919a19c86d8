// Genuine signatures over headers and segments that must be refused all the same.
#include "token/jws/tokens.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace test;

const std::string payload = good_claims().to_json();

error_code verdict(const std::string& token) {
    const auto verified = verify_token(token, app_guard(), hmac_ring(), now);
    return verified ? error_code() : verified.error();
}

std::string nested(std::size_t depth) {
    return R"({"alg":"HS256","x":)" + std::string(depth, '[') + std::string(depth, ']') + '}';
}

std::string many_members(int count) {
    std::string header = R"({"alg":"HS256")";
    for (int i = 1; i < count; ++i) header += ",\"m" + std::to_string(i) + "\":1";
    return header + '}';
}

struct row {
    std::string header;
    std::optional<errc> expected;
};

void expect_verdicts(const std::vector<row>& rows) {
    for (const auto& [header, expected] : rows)
        EXPECT_EQ(verdict(sign_raw(header, payload)),
                  expected ? error_code(*expected) : error_code())
            << header.substr(0, 90);
}

TEST(jws_header, names_a_key_and_its_algorithm_and_brings_none) {
    expect_verdicts({
        {plain_header, {}},
        {R"({"alg":"HS256"})", {}},
        {R"({ "typ" : "jwt",)"
         "\r\n\t"
         R"("alg" : "HS256" })",
         {}},
        {R"({"alg":"HS256","typ":"at+jwt"})", {}},
        {R"({"alg":"HS256","typ":"application/AT+JWT"})", {}},
        {R"({"\u0061lg":"\u0048S256","kid":"\u006b1"})", {}},
        // never a way to choose another key
        {R"({"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}})", {}},
        {R"({"alg":"HS256","jku":"https://evil.example/keys","x5u":"https://evil.example"})", {}},
        {R"({"alg":"HS256","kid":"../../dev/null"})", errc::token_signature},
        {R"({"alg":"HS256","kid":"' OR 1=1 --"})", errc::token_signature},
        {R"({"alg":"HS256","kid":"k1\r\nX: y"})", errc::token_signature},
        {R"({"alg":"HS256","kid":"k2"})", errc::token_signature},
        {R"({"alg":"HS256","kid":")" + std::string(5000, 'k') + R"("})", errc::token_signature},
        {R"({"alg":"HS256","kid":1})", errc::token_malformed},
        {R"({"alg":"HS256","kid":null})", errc::token_malformed},
        {R"({"alg":"none"})", errc::token_signature},
        {R"({"alg":"None"})", errc::token_signature},
        {R"({"alg":"hs256"})", errc::token_signature},
        {R"({"alg":"HS384"})", errc::token_signature},
        {R"({"alg":"HS512"})", errc::token_signature},
        {R"({"alg":"RS256"})", errc::token_signature},
        {R"({"alg":["HS256"]})", errc::token_malformed},
        {R"({"alg":null})", errc::token_malformed},
        {R"({"typ":"JWT"})", errc::token_malformed},
    });
}

TEST(jws_header, asks_for_no_extension_and_is_of_no_other_kind) {
    expect_verdicts({
        {R"({"alg":"HS256","crit":["exp"]})", errc::token_malformed},
        {R"({"alg":"HS256","crit":[]})", errc::token_malformed},
        {R"({"alg":"HS256","crit":"exp"})", errc::token_malformed},
        {R"({"alg":"HS256","crit":["b64"],"b64":false})", errc::token_malformed},
        {R"({"alg":"HS256","b64":false})", errc::token_malformed},
        {R"({"alg":"HS256","b64":true})", errc::token_malformed},
        {R"({"alg":"HS256","zip":"DEF"})", errc::token_malformed},
        // another kind of token
        {R"({"alg":"HS256","typ":"hf-svc+jwt"})", errc::token_malformed},
        {R"({"alg":"HS256","typ":"JOSE"})", errc::token_malformed},
        {R"({"alg":"HS256","typ":["JWT"]})", errc::token_malformed},
    });
}

TEST(jws_header, is_strict_json) {
    expect_verdicts({
        {R"({"alg":"HS256","alg":"HS256"})", errc::token_malformed},
        {R"({"alg":"HS256","\u0061lg":"none"})", errc::token_malformed},
        {R"({"alg":"HS256"}x)", errc::token_malformed},
        {R"({"alg":"HS256"}{})", errc::token_malformed},
        {R"({"alg":"HS256",})", errc::token_malformed},
        {R"({'alg':'HS256'})", errc::token_malformed},
        {R"(["HS256"])", errc::token_malformed},
        {R"("HS256")", errc::token_malformed},
        {"null", errc::token_malformed},
        {"\xef\xbb\xbf"
         R"({"alg":"HS256"})",
         errc::token_malformed},
        {"{\"alg\":\"HS256\",\"x\":\"\xff\"}", errc::token_malformed},
        {"{\"alg\":\"HS256\",\"x\":\"\xc0\xaf\"}", errc::token_malformed},
        {"{\"alg\":\"HS256\",\"x\":\"\xed\xa0\x80\"}", errc::token_malformed},
        {R"({"alg":"HS256","x":"\ud800"})", errc::token_malformed},
        {R"({"alg":"HS256","x":"\udc00\ud800"})", errc::token_malformed},
        {R"({"alg":"HS256","x":"\ud83d\ude00"})", {}},
        {R"({"alg":"HS256","x":"\u0000"})", errc::token_malformed},
        {R"({"alg":"HS256","x":"\x"})", errc::token_malformed},
        {"{\"alg\":\"HS256\",\"x\":\"\n\"}", errc::token_malformed},
        {R"({"alg":"HS256","x":01})", errc::token_malformed},
        {R"({"alg":"HS256","x":1e400})", errc::token_malformed},
        {R"({"alg":"HS256","x":NaN})", errc::token_malformed},
        {nested(15), {}},
        {nested(16), errc::token_malformed},
        {nested(2000), errc::token_malformed},
        {many_members(64), {}},
        {many_members(65), errc::token_malformed},
    });
}

TEST(jws_segments, verdict_for_each) {
    const auto token = sign_token(good_claims(), hmac_ring()).value();
    ASSERT_FALSE(verdict(token));
    const auto first = token.find('.'), second = token.rfind('.');
    const auto header = token.substr(0, first), signature = token.substr(second);
    const std::vector<std::string> malformed = {
        "",
        ".",
        "..",
        token.substr(0, second),
        token.substr(0, second + 1),
        token + ".",
        token + ".x",
        token + ".x.y",
        "." + token.substr(first + 1),
        token + "=",
        token + "==",
        token + "%3d",
        token + " ",
        token + "\n",
        " " + token,
        token + std::string(1, '\0'),
        header + "=" + token.substr(first),
        std::string(1'000'000, '.'),
        std::string(65'536, 'A'),
        header + '.' + std::string(9000, 'A') + signature,
    };
    for (const auto& bad : malformed) {
        const auto said = verdict(bad);
        EXPECT_TRUE(said == errc::token_malformed || said == errc::token_signature)
            << bad.substr(0, 80);
    }
    EXPECT_EQ(verdict(header + '.' + signature), errc::token_signature) << "no payload";
    EXPECT_EQ(verdict(sign_raw(plain_header, "")), errc::token_malformed) << "signed, but empty";
}

TEST(jws_property, every_change_of_one_character_is_refused) {
    const auto token = sign_token(good_claims(), hmac_ring()).value();
    const std::string_view characters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n\t%?\xff";
    int accepted = 0;
    for (std::size_t i = 0; i < token.size(); ++i)
        for (const char c : characters) {
            if (c == token[i]) continue;
            auto changed = token;
            changed[i] = c;
            accepted += !verdict(changed);
        }
    EXPECT_EQ(accepted, 0);
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto shorter = token;
        shorter.erase(i, 1);
        EXPECT_TRUE(verdict(shorter)) << i;
        EXPECT_TRUE(verdict(token.substr(0, i))) << i;
    }
}

}  // namespace
}  // namespace holdfast
