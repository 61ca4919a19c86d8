// The short way through payloads of our own gives the answers of the strict reader, on every input.
#include "token/jws/own_claims.hpp"
#include "base/encode.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace holdfast {
namespace {

token_claims claims_number(unsigned n) {
    token_claims claims;
    claims.guard = n % 3 == 0 ? "app" : "admin guard";
    claims.subject = std::to_string(n * 7919);
    claims.expires_at = from_unix_seconds(1'800'000'000 + n);
    if (n % 2 == 0) claims.issued_at = from_unix_seconds(1'700'000'000);
    if (n % 5 == 0) claims.not_before = from_unix_seconds(0);
    if (n % 7 == 0) claims.auth_time = from_unix_seconds(253'402'300'799);
    if (n % 2 == 0) claims.jti = "q0d2m7Zs1fPa8e4R";
    if (n % 3 != 1) claims.sid = "Zk3V0bXh9Qm_Jw-5c1";
    claims.generation = n % 4;
    claims.user_epoch = n % 11 == 0 ? (std::uint64_t{1} << 53) - 1 : n % 2;
    if (n % 6 == 0) claims.audience = {"web"};
    if (n % 13 == 0) claims.audience = {"web", "app"};
    if (n % 9 == 0) claims.extra = R"("role":"x")";
    if (n % 17 == 0) claims.subject = "na\xc3\xafve \"quoted\"";
    return claims;
}

/// Whether both readers agree; what they agree on is `accepted`.
testing::AssertionResult agree(const std::string& payload, bool* accepted = nullptr) {
    claims_view either, strict;
    const auto fault = read_claims(payload, either);
    const auto strict_fault = read_any_claims(payload, strict);
    if (fault != strict_fault)
        return testing::AssertionFailure()
               << fault.message() << " and not " << strict_fault.message() << " for " << payload;
    if (accepted != nullptr) *accepted = !fault;
    if (!fault && !(either.copy(payload) == strict.copy(payload)))
        return testing::AssertionFailure() << "other claims for " << payload;
    return testing::AssertionSuccess();
}

TEST(own_claims, takes_the_short_way_for_what_holdfast_writes) {
    unsigned taken = 0;
    for (unsigned n = 0; n < 200; ++n) {
        const auto claims = claims_number(n);
        const auto payload = claims.to_json();
        ASSERT_TRUE(agree(payload));
        claims_view view;
        if (!read_own_claims(payload, view)) continue;
        ++taken;
        EXPECT_TRUE(claims.extra.empty());
        EXPECT_EQ(view.copy(payload).to_json(), payload);
    }
    EXPECT_GT(taken, 120u);
}

TEST(own_claims, bounds_are_those_of_the_strict_reader) {
    const std::string good =
        R"({"iss":"app","sub":"1","exp":9,"iat":1,"jti":"j","sid":"s","gen":1,"ue":0})";
    const auto with = [&](const std::string& from, const std::string& to) {
        auto text = good;
        return text.replace(text.find(from), from.size(), to);
    };
    const std::string table[] = {
        good,
        with("\"exp\":9", "\"exp\":253402300799"),
        with("\"exp\":9", "\"exp\":253402300800"),
        with("\"exp\":9", "\"exp\":09"),
        with("\"exp\":9", "\"exp\":-9"),
        with("\"exp\":9", "\"exp\":9.5"),
        with("\"exp\":9", "\"exp\":9e1"),
        with("\"exp\":9", "\"exp\":\"9\""),
        with("\"exp\":9", "\"exp\":99999999999999999999"),
        with("\"exp\":9", "\"exp\":"),
        with("\"gen\":1", "\"gen\":9007199254740991"),
        with("\"gen\":1", "\"gen\":9007199254740992"),
        with("\"gen\":1", "\"gen\":00"),
        with("\"sub\":\"1\"", "\"sub\":\"\""),
        with("\"sub\":\"1\"", "\"sub\":\"" + std::string(255, 'u') + "\""),
        with("\"sub\":\"1\"", "\"sub\":\"" + std::string(256, 'u') + "\""),
        with("\"sub\":\"1\"", "\"sub\":\"a\\u0031\""),
        with("\"sub\":\"1\"", "\"sub\":\"a\x7f\""),
        with("\"sid\":\"s\"", "\"sid\":\"" + std::string(64, 's') + "\""),
        with("\"sid\":\"s\"", "\"sid\":\"" + std::string(65, 's') + "\""),
        with("\"sid\":\"s\"", "\"sid\":\"s.s\""),
        with("\"ue\":0}", "\"ue\":0}}"),
        with("\"ue\":0}", "\"ue\":0,\"iss\":\"app\"}"),
        with("\"ue\":0}", "\"ue\":0,\"gen\":1}"),
        with("\"ue\":0}", "\"ue\":0} "),
        with("\"ue\":0}", "\"ue\":0"),
        " " + good,
        "",
        "{",
    };
    for (const auto& payload : table) EXPECT_TRUE(agree(payload));
}

TEST(own_claims, the_published_vectors_get_the_same_answers) {
    std::ifstream file(HOLDFAST_TEST_DATA "/jws/vectors.json");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    unsigned seen = 0;
    for (std::size_t dot = text.find('.'); dot != text.npos; dot = text.find('.', dot + 1)) {
        const auto end = text.find_first_of(".\"", dot + 1);
        const auto payload = base64url_decode(text.substr(dot + 1, end - dot - 1));
        if (!payload) continue;
        ++seen;
        EXPECT_TRUE(agree(*payload));
    }
    EXPECT_GT(seen, 50u);
}

TEST(own_claims, random_changes_get_the_same_answers) {
    std::mt19937 random(20260101);
    const auto below = [&](std::size_t n) { return random() % n; };
    constexpr std::string_view bytes = "\"\\{}[],:0123456789-eE.tfnulx _\x01\x7f\xc3\xa4";
    unsigned accepted = 0;
    for (unsigned round = 0; round < 100'000; ++round) {
        auto payload = claims_number(round % 200).to_json();
        for (auto changes = 1 + below(3); changes > 0 && !payload.empty(); --changes) {
            const auto at = below(payload.size());
            switch (below(4)) {
                case 0: payload[at] = bytes[below(bytes.size())]; break;
                case 1: payload.insert(at, 1, bytes[below(bytes.size())]); break;
                case 2: payload.erase(at, 1 + below(4)); break;
                default: payload.insert(at, payload.substr(below(payload.size()), below(12)));
            }
        }
        bool good = false;
        ASSERT_TRUE(agree(payload, &good));
        accepted += good;
    }
    EXPECT_GT(accepted, 5'000u);
}

}  // namespace
}  // namespace holdfast
